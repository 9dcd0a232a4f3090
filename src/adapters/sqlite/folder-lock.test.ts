import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { compiledUrl } from '../../core/compiled-url.ts';
import { FolderLocked, lockFolder } from './folder-lock.ts';

const lockModule = compiledUrl('./folder-lock.ts', import.meta.url).href;
let folder: string;
let child: ChildProcess | null = null;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coatcheck-lock-'));
});
afterEach(async () => {
  child?.kill('SIGKILL');
  child = null;
  await rm(folder, { recursive: true, force: true });
});

/** Starts a process that locks the folder, and resolves once it has. */
async function startHolder(): Promise<ChildProcess> {
  const script = `
    import { lockFolder } from ${JSON.stringify(lockModule)};
    lockFolder(${JSON.stringify(folder)});
    console.log('locked');
    setInterval(() => {}, 1000);
  `;
  child = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  if (child.stdout === null) throw new Error('no stdout');
  const [text] = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  expect(String(text)).toBe('locked\n');
  return child;
}

test('a second process is refused with a sentence that names the folder', async () => {
  await startHolder();
  expect(() => lockFolder(folder)).toThrow(FolderLocked);
  expect(() => lockFolder(folder)).toThrow(`Another Coatcheck is using the data folder ${folder}.`);
});

test('the lock of a process that was killed is free at once', async () => {
  const holder = await startHolder();
  const exit = once(holder, 'exit');
  holder.kill('SIGKILL');
  await exit;
  const lock = lockFolder(folder);
  expect(() => lockFolder(folder)).toThrow(FolderLocked);
  lock.release();
});

test('a released folder can be locked again', () => {
  lockFolder(folder).release();
  lockFolder(folder).release();
});

test('a folder that is not there is no lock but another error', () => {
  expect(() => lockFolder(join(folder, 'absent'))).toThrow(/no such file or directory/);
});

test('a lock that is removed leaves nothing behind, and one of a process that was killed is taken and removed', async () => {
  lockFolder(folder).remove();
  expect(await readdir(folder)).toEqual([]);
  const holder = await startHolder();
  const exit = once(holder, 'exit');
  holder.kill('SIGKILL');
  await exit;
  expect(await readdir(folder)).toContain('lock');
  lockFolder(folder).remove();
  expect(await readdir(folder)).toEqual([]);
});

test('however many processes take a lock and remove it, one at a time has it', { timeout: 120_000 }, async () => {
  const script = `
    import { rmSync, writeFileSync } from 'node:fs';
    import { FolderLocked, lockFolder } from ${JSON.stringify(lockModule)};
    let rounds = 0;
    while (rounds < 200) {
      let lock;
      try {
        lock = lockFolder(${JSON.stringify(folder)});
      } catch (error) {
        if (error instanceof FolderLocked) continue;
        throw error;
      }
      writeFileSync(${JSON.stringify(join(folder, 'mine'))}, '', { flag: 'wx' });
      rmSync(${JSON.stringify(join(folder, 'mine'))});
      lock.remove();
      rounds += 1;
    }
  `;
  const run = () => promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]);
  await Promise.all([run(), run(), run()]);
  expect(await readdir(folder)).toEqual([]);
});
