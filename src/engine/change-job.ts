import { ServiceError } from '../core/errors.ts';
import type { Job } from '../core/job.ts';
import { limits } from '../core/limits.ts';
import type { Transition } from '../core/transitions.ts';
import type { JobChange, KeptAnswer } from '../ports/job-store.ts';
import { announce } from './announce.ts';
import type { EngineParts } from './parts.ts';
import { reservationLost } from './reservation-lost.ts';

/** More than enough: each try loses only to a change that somebody else has committed. */
const triesMax = 20;

/** The caller's job; another's and an unknown one are the same `not-found`. */
export async function findJob({ store }: Pick<EngineParts, 'store'>, caller: string, id: string): Promise<Job> {
  const job = await store.get(id);
  if (job === null || job.caller !== caller) throw new ServiceError('not-found', `There is no job ${id}.`);
  return job;
}

/**
 * Reads the job, decides on a change and commits it, as often as somebody else was quicker. `decide` returns null to leave
 * the job as it is, and throws to refuse.
 */
export async function changeJob(
  parts: EngineParts,
  read: () => Promise<Job>,
  decide: (job: Job) => Transition | null,
  answer?: (job: Job) => KeptAnswer,
): Promise<Job> {
  for (let tries = 0; tries < triesMax; tries += 1) {
    const job = await read();
    const transition = decide(job);
    if (transition === null) return job;
    const { next, event } = transition;
    const kept = answer?.(next);
    const change: JobChange = { next, event, fence: { version: job.version } };
    if (await parts.store.change(kept === undefined ? change : { ...change, answer: kept })) {
      announce(parts, next, event);
      return next;
    }
    if (kept !== undefined && !(await isReserved(parts, kept))) throw reservationLost();
  }
  throw new ServiceError('service-unavailable', 'The job changes too quickly; try again in a moment.', { retryAfterSeconds: 1 });
}

/** Whether the idempotency key of an answer is still reserved for it, which the renewal of a reservation tells. */
async function isReserved({ store }: EngineParts, answer: KeptAnswer): Promise<boolean> {
  const { kind } = await store.reserve(answer, answer.token, limits.idempotencyLeaseMs);
  return kind === 'reserved';
}
