import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Requests that are sent by the clock, whether earlier ones are answered or not. */
export interface OpenLoop {
  readonly url: string;
  readonly path: string;
  readonly mediaType: string;
  readonly body: Buffer;
  readonly perSecond: number;
  readonly seconds: number;
  readonly sockets: number;
  /** Of the process that sends: a negative one goes before others, where that may be. */
  readonly niceness?: number;
}

export interface OpenLoopAnswers {
  readonly sent: number;
  /** Ids of the jobs that were made. */
  readonly accepted: readonly string[];
  /** How long each of them took, from when its request was due until all of its answer was there. */
  readonly acceptedMs: readonly number[];
  /** When each of them was due, since the first request. */
  readonly acceptedDueMs: readonly number[];
  readonly refusedMs: readonly number[];
  readonly refusedDueMs: readonly number[];
  readonly statuses: Readonly<Record<string, number>>;
  /** Refusals that do not say when to come again. */
  readonly withoutRetryAfter: number;
  readonly retryAfter: Readonly<Record<string, number>>;
  /** Requests that got no answer, by what went wrong. */
  readonly errors: Readonly<Record<string, number>>;
  readonly sendingMs: number;
}

/** Sends from a process of its own, so that it does not share a loop with whoever asks. */
export async function openLoop({ niceness = 0, ...task }: OpenLoop): Promise<OpenLoopAnswers> {
  const child = fork(fileURLToPath(new URL('./open-loop.mjs', import.meta.url)));
  try {
    child.send({ ...task, niceness, body: task.body.toString('base64') });
    const [told] = await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(([code]) => Promise.reject(new Error(`the load generator ended with ${code}`))),
    ]);
    if ('failure' in told) throw new Error(told.failure);
    return told;
  } finally {
    child.kill('SIGKILL');
  }
}

/** The value below which the given share of the numbers lies. */
export function quantile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
