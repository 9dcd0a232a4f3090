import { type ErrorCode, jobError } from './errors.ts';
import type { NewJobEvent } from './events.ts';
import { canBecome, type Job, type JobState } from './job.ts';
import type { JsonObject } from './json.ts';

/** A change of state that has been decided and not yet committed: the job as it will be, and what the history will say. */
export interface Transition {
  readonly next: Job;
  readonly event: NewJobEvent;
}

function become(job: Job, state: JobState, change: Partial<Job>, event: NewJobEvent): Transition {
  if (!canBecome(job.state, state)) throw new Error(`a ${job.state} job cannot become ${state}`);
  return { next: { ...job, ...change, state, version: job.version + 1 }, event };
}

function ended(now: number, retentionMs: number): Partial<Job> {
  return { finishedAt: now, expiresAt: now + retentionMs, lease: null };
}

export function succeed(job: Job, outputs: readonly string[], now: number, retentionMs: number): Transition {
  const done = { ...ended(now, retentionMs), outputs, error: null, progress: { fraction: 1, message: null } };
  return become(job, 'succeeded', done, { type: 'job.succeeded', data: { attempt: job.attempt } });
}

/** `retryable` where it is known better than the table of errors has it. */
export function fail(
  job: Job,
  code: ErrorCode,
  detail: string,
  now: number,
  retentionMs: number,
  retryable?: boolean,
): Transition {
  const error = jobError(code, detail, retryable);
  return become(
    job,
    'failed',
    { ...ended(now, retentionMs), error },
    { type: 'job.failed', data: { attempt: job.attempt, error } },
  );
}

export function cancel(job: Job, now: number, retentionMs: number): Transition {
  return become(job, 'canceled', ended(now, retentionMs), { type: 'job.canceled', data: { attempt: job.attempt } });
}

/** After an attempt that failed in a way that another attempt may mend. */
export function retryLater(job: Job, code: ErrorCode, detail: string, runAt: number): Transition {
  const error = jobError(code, detail);
  const data: JsonObject = { attempt: job.attempt, error, runAt: new Date(runAt).toISOString() };
  return become(job, 'queued', { runAt, lease: null, progress: null }, { type: 'job.retrying', data });
}

/** After an attempt that ended through no fault of the job (its worker stopped or was lost): the attempt does not count. */
export function release(job: Job, reason: string, runAt = job.runAt): Transition {
  return become(
    job,
    'queued',
    { attempt: job.attempt - 1, lease: null, progress: null, runAt },
    { type: 'job.released', data: { attempt: job.attempt, reason } },
  );
}

/** A failed or canceled job starts over, as asked for by its owner. */
export function startOver(job: Job, now: number): Transition {
  const fresh = {
    runAt: now,
    deadline: null,
    attempt: 0,
    handOuts: 0,
    startedAt: null,
    finishedAt: null,
    error: null,
    progress: null,
  };
  return become(job, 'queued', fresh, { type: 'job.queued', data: { reason: 'retry requested' } });
}

/** What a claim does to a job; the store applies it where it picks the job, in the same commit. */
export function start(job: Job, lease: NonNullable<Job['lease']>, now: number): Transition {
  return become(
    job,
    'running',
    { lease, attempt: job.attempt + 1, handOuts: job.handOuts + 1, startedAt: now, progress: { fraction: 0, message: null } },
    { type: 'job.started', data: { attempt: job.attempt + 1, worker: lease.worker } },
  );
}
