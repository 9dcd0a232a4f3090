import type { Clock } from '../core/clock.ts';
import type { Log } from '../ports/log.ts';

/** Something that is done again and again. `runOnce` does one round and says how much it did. */
export interface Loop {
  runOnce(): Promise<number>;
  start(): void;
  /** Resolves when the round under way has ended; no other begins. */
  stop(): Promise<void>;
}

/** Runs `round` every `intervalMs`, never two at once. A round that fails is logged and tried again at the next turn. */
export function createLoop(
  name: string,
  intervalMs: number,
  round: () => Promise<number>,
  { clock, log }: { clock: Clock; log: Log },
): Loop {
  let stopped = true;
  let current: Promise<unknown> = Promise.resolve();
  let clearTimer = () => {};

  const turn = async () => {
    try {
      const done = await round();
      if (done > 0) log.debug({ loop: name, done }, 'loop.round');
    } catch (error) {
      log.error({ loop: name, err: error }, 'loop.failed');
    }
    if (!stopped) schedule();
  };
  const schedule = () => {
    clearTimer = clock.after(intervalMs, () => {
      current = turn();
    });
  };

  return {
    runOnce: round,
    start() {
      if (!stopped) return;
      stopped = false;
      schedule();
    },
    async stop() {
      stopped = true;
      clearTimer();
      await current;
    },
  };
}
