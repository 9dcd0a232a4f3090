import { ServiceError } from '../core/errors.ts';
import type { Job } from '../core/job.ts';
import { retryDelayMs } from '../core/retry-delay.ts';
import { fail, release, retryLater, succeed, type Transition } from '../core/transitions.ts';
import type { ExecutorOutcome } from '../ports/executor-pool.ts';
import type { StoredOutput } from './store-outputs.ts';

/** How one attempt at a job ended, as a value. `aborted`: the job is no longer ours (canceled, overdue, lease lost), there is nothing to settle. */
export type AttemptOutcome =
  /** `result` is JSON text; the larger files are stored, their records are not. */
  | { readonly kind: 'done'; readonly result: string; readonly outputs: readonly StoredOutput[] }
  /** The worker stops before the job is done: somebody else shall do it. */
  | { readonly kind: 'handedBack' }
  | Exclude<ExecutorOutcome, { readonly kind: 'done' }>;

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
    case 'aborted':
      return null;
  }
}

/** What was thrown in a step of ours, as a failed attempt. Only a `ServiceError` has words that are meant for the caller. */
export function failedAttempt(error: unknown): Extract<AttemptOutcome, { readonly kind: 'failed' | 'rejected' }> {
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
