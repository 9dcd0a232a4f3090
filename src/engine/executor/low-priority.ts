import { readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { getPriority, setPriority } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { hasCode } from '../../core/has-code.ts';

/** A process of the usual priority gets nine times as much as one of this, where there is not enough for both. */
const niceness = 10;
const nicenessMax = 19;
/** Linux takes one such change in a tenth of a second from who is not root. */
const againMs = 150;
const triesMax = 20;

/**
 * In an executor: lets everything else on the machine go first, the server above all, which has to answer, and to turn away, while
 * all cores are busy with jobs.
 */
export function lowerOwnPriority(): void {
  const lower = Math.min(nicenessMax, getPriority() + niceness);
  for (const thread of ownThreads()) setPriority(thread, lower);
}

/** On Linux each thread has a priority of its own, and those that are begun later take that of the one that begins them. */
function ownThreads(): number[] {
  return process.platform === 'linux' ? readdirSync('/proc/self/task').map(Number) : [process.pid];
}

/**
 * The same for the group that Linux makes of each session where it groups processes for fairness: an executor is a session of its
 * own, and so would get as much as the server and everything that was started with it. Nothing happens where there are no groups.
 */
export async function lowerGroupPriority(pid: number): Promise<void> {
  if (process.platform !== 'linux') return;
  for (let tries = 0; tries < triesMax; tries += 1) {
    try {
      await writeFile(`/proc/${pid}/autogroup`, String(niceness), { flag: 'r+' });
      return;
    } catch (error) {
      // Any other error: no such groups here, not ours to change, or the process has gone.
      if (!hasCode(error, 'EAGAIN')) return;
      await pause(againMs);
    }
  }
}
