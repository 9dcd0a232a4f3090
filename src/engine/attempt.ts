import { ServiceError } from '../core/errors.ts';
import type { Job } from '../core/job.ts';
import { limits } from '../core/limits.ts';
import { retryDelayMs } from '../core/retry-delay.ts';
import { fail, release, retryLater, succeed, type Transition } from '../core/transitions.ts';
import type { ExecutorOutcome } from '../ports/executor-pool.ts';
import type { EngineParts } from './parts.ts';
import type { StoredOutput } from './store-outputs.ts';

/** How one attempt at a job ended, as a value. `aborted`: the job is no longer ours (canceled, overdue, lease lost), there is nothing to settle. */
export type AttemptOutcome =
  /** `result` is JSON text; the larger files are stored, their records are not. */
  | { readonly kind: 'done'; readonly result: string; readonly outputs: readonly StoredOutput[]; readonly peakBytes?: number }
  /** The worker stops before the job is done: somebody else shall do it. */
  | { readonly kind: 'handedBack'; readonly peakBytes?: number }
  /** Storage failed, not the job; `instead` is how the attempt counts for a job that this has happened to too often. */
  | { readonly kind: 'notStored'; readonly instead: FailedOutcome; readonly peakBytes?: number }
  | Exclude<ExecutorOutcome, { readonly kind: 'done' | 'unbegun' }>;

type FailedOutcome = Extract<ExecutorOutcome, { readonly kind: 'failed' | 'rejected' }>;

/** Before a job is tried again that storage has failed; the worker begins none before storage works. */
const storageAgainMs = 2_000;

/** What the outcome makes of the job; null where it is no longer ours. */
export function decideOutcome(job: Job, outcome: AttemptOutcome, now: number, retentionMs: number): Transition | null {
  switch (outcome.kind) {
    case 'done':
      return succeed(
        job,
        outcome.outputs.map(({ file }) => file.id),
        now,
        retentionMs,
      );
    case 'rejected':
      return fail(job, outcome.code, outcome.detail, now, retentionMs, false);
    case 'failed':
      if (job.attempt >= job.maxAttempts) return fail(job, outcome.code, outcome.detail, now, retentionMs);
      return retryLater(job, outcome.code, outcome.detail, now + (outcome.afterMs ?? retryDelayMs(job.attempt)));
    case 'handedBack':
      return release(job, 'the worker stopped');
    case 'notStored':
      // A job that fills the disk itself must end some time.
      if (job.handOuts >= limits.handOutsMax) return decideOutcome(job, outcome.instead, now, retentionMs);
      return release(job, 'storage was full or did not answer', now + storageAgainMs);
    case 'aborted':
      return null;
  }
}

/** An attempt that failed while storage is full, or does not answer, is none of the job's; any other outcome as it is. */
export async function orNotStored<Outcome extends { readonly kind: string }>(
  { room }: Pick<EngineParts, 'room'>,
  outcome: Outcome | FailedOutcome,
): Promise<Outcome | FailedOutcome | Extract<AttemptOutcome, { readonly kind: 'notStored' }>> {
  if (!isFailed(outcome) || !(await room.isToBlame(outcome.code))) return outcome;
  return { kind: 'notStored', instead: outcome };
}

function isFailed(outcome: { readonly kind: string }): outcome is FailedOutcome {
  return outcome.kind === 'failed' || outcome.kind === 'rejected';
}

/** What was thrown in a step of ours, as a failed attempt. Only a `ServiceError` has words that are meant for the caller. */
export function failedAttempt(error: unknown): FailedOutcome {
  if (!(error instanceof ServiceError)) {
    return { kind: 'failed', code: 'internal-error', detail: 'Something broke while the job was worked on.', cause: error };
  }
  const { code, message: detail, retryable, retryAfterSeconds, cause } = error;
  if (!retryable) return { kind: 'rejected', code, detail };
  return {
    kind: 'failed',
    code,
    detail,
    cause,
    ...(retryAfterSeconds === undefined ? {} : { afterMs: retryAfterSeconds * 1000 }),
  };
}
