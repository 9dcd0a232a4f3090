import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { hasCode } from '../../core/has-code.ts';

const run = promisify(execFile);

/** The ids of a process and its descendants (Linux). A process that ends meanwhile is left out. */
export function processTree(pid: number): number[] {
  const found = [pid];
  // The list grows while it is walked: children of children come behind.
  for (const each of found) found.push(...childrenOf(each));
  return found;
}

function childrenOf(pid: number): number[] {
  return unlessGone(() => readdirSync(`/proc/${pid}/task`), []).flatMap((thread) =>
    unlessGone(() => readFileSync(`/proc/${pid}/task/${thread}/children`, 'latin1'), '')
      .split(' ')
      .filter((id) => id !== '')
      .map(Number),
  );
}

/** Processes come and go while `/proc` is read: that one is gone is an answer, anything else is an error. */
export function unlessGone<T>(read: () => T, gone: T): T {
  try {
    return read();
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH')) return gone;
    throw error;
  }
}

/** Resident bytes of a process and all its descendants, or null where it is gone; where there is no `/proc`. */
export async function residentBytesByPs(pid: number): Promise<number | null> {
  const { stdout } = await run('ps', ['-axo', 'pid=,ppid=,rss=']);
  const rows = stdout.split('\n').map((line) => line.trim().split(/\s+/).map(Number));
  const family = new Set([pid]);
  let kilobytes = 0;
  // Parents stand before their children only by and large, so the rows are gone through until nothing is added.
  for (let size = 0; size !== family.size; ) {
    size = family.size;
    for (const [id = 0, parent = 0] of rows) if (family.has(parent)) family.add(id);
  }
  for (const [id = 0, , rss = 0] of rows) if (family.has(id)) kilobytes += rss;
  return kilobytes === 0 ? null : kilobytes * 1024;
}
