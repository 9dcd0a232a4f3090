import type { Clock } from '../core/clock.ts';
import type { Job } from '../core/job.ts';
import type { EventBus } from '../ports/event-bus.ts';

interface Patience {
  readonly ms: number;
  /** The caller has gone, or the server is stopping. */
  readonly signal: AbortSignal;
}

/** Reads a job again after each notice of it until `isDone`; after `ms`, or when the signal aborts, gives it as it then is. */
export async function waitForJob(
  { bus, clock }: { bus: EventBus; clock: Clock },
  read: () => Promise<Job>,
  isDone: (job: Job) => boolean,
  { ms, signal }: Patience,
): Promise<Job> {
  const bell = createBell();
  let over = false;
  const end = () => {
    over = true;
    bell.ring();
  };
  const job = await read();
  if (isDone(job) || ms <= 0 || signal.aborted) return job;
  // Read again once subscribed: a change between the two would not be heard of.
  const unsubscribe = bus.subscribe(({ kind }) => kind !== 'progress' && bell.ring(), job.id);
  const clearTimer = clock.after(ms, end);
  signal.addEventListener('abort', end, { once: true });
  try {
    for (;;) {
      const latest = await read();
      if (over || isDone(latest)) return latest;
      await bell.rung();
    }
  } finally {
    unsubscribe();
    clearTimer();
    signal.removeEventListener('abort', end);
  }
}

/** Remembers one ring until somebody listens. */
function createBell(): { ring: () => void; rung: () => Promise<void> } {
  let rang = false;
  let wake = () => {};
  return {
    ring() {
      rang = true;
      wake();
    },
    async rung() {
      if (!rang) await new Promise<void>((resolve) => (wake = resolve));
      rang = false;
    },
  };
}
