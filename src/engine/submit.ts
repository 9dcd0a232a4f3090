import { ServiceError } from '../core/errors.ts';
import type { NewJobEvent } from '../core/events.ts';
import { newId } from '../core/ids.ts';
import type { Job, SourceLink, StoredFile } from '../core/job.ts';
import { limits } from '../core/limits.ts';
import type { Submission, SubmitOutcome } from '../ports/job-store.ts';
import type { Admission } from './admission.ts';
import { announce } from './announce.ts';
import { contentsOf } from './contents.ts';
import type { SubmitRequest } from './engine.ts';
import { findFile, newFile, sourceOf } from './files.ts';
import type { EngineParts } from './parts.ts';
import { reservationLost } from './reservation-lost.ts';
import { reuseKey, reuseResult } from './reuse.ts';

/** Makes a job durable: row, history, input file and idempotency answer in one commit. Then it is announced. */
export async function submit(parts: EngineParts, admission: Admission, request: SubmitRequest): Promise<Job> {
  const queued = await queuedJob(parts, request);
  const reused = request.fresh === true || queued.job.runAt > queued.job.createdAt ? null : await reuseResult(parts, queued);
  if (reused !== null && (await stored(parts, admission, reused, request)) === 'stored') return announced(parts, reused);
  // The result that was to be shared has just gone, or there is none: do the work.
  const leave = await admission.enter(queued.job);
  try {
    if ((await stored(parts, admission, queued, request)) === 'file-gone') {
      throw new ServiceError('not-found', 'The file of the source was removed meanwhile.');
    }
    return announced(parts, queued);
  } finally {
    leave();
  }
}

/** Whether it was stored, or a file that it needs has gone; throws where it is refused. */
async function stored(
  { store }: EngineParts,
  admission: Admission,
  submission: Submission,
  { answer }: SubmitRequest,
): Promise<Extract<SubmitOutcome, 'stored' | 'file-gone'>> {
  const kept = answer === undefined ? {} : { answer: answer(submission.job) };
  const [outcome] = await store.submit([{ ...submission, ...kept }]);
  if (outcome === undefined) throw new Error('the store gave no outcome for a submission');
  if (outcome === 'reservation-lost') throw reservationLost();
  if (outcome !== 'queue-full') return outcome;
  throw admission.queueFull();
}

function announced(parts: EngineParts, { job, events }: Submission): Job {
  for (const event of events) announce(parts, job, event);
  return job;
}

/** The job as it is to be stored, with the file that came with it. */
export async function queuedJob(parts: EngineParts, request: SubmitRequest): Promise<Submission> {
  const { store, settings } = parts;
  const id = newId();
  const now = store.now();
  const expiresAt = now + settings.resultRetentionMs;
  const received = request.source !== null && 'input' in request.source ? request.source.input : undefined;
  const input = received === undefined ? undefined : newFile(request.caller, received, now, expiresAt, id);
  const file = input ?? (await sourceFile(parts, request));
  const source = file === null ? null : sourceOf(file);
  const job: Job = {
    id,
    caller: request.caller,
    service: request.service.name,
    state: 'queued',
    version: 1,
    priority: request.priority ?? 0,
    labels: request.labels ?? {},
    options: request.options,
    source,
    link: linkOf(parts, request),
    traceId: request.traceId,
    attempt: 0,
    maxAttempts: request.maxAttempts ?? limits.attemptsDefault,
    handOuts: 0,
    progress: null,
    createdAt: now,
    runAt: Math.max(now, request.runAt ?? now),
    startedAt: null,
    finishedAt: null,
    expiresAt,
    deadline: request.deadline ?? null,
    lease: null,
    error: null,
    outputs: [],
    reuseKey: source === null ? null : reuseKey(request.caller, request.service, source, request.options),
    reusedFrom: null,
    resultExpired: false,
  };
  const queued: NewJobEvent = { type: 'job.queued', data: job.runAt > now ? { runAt: new Date(job.runAt).toISOString() } : {} };
  return {
    job,
    events: [queued],
    queuedMax: settings.queuedJobsMax,
    ...(received === undefined || input === undefined ? {} : { input, ...contentsOf([received.blob]) }),
  };
}

function linkOf({ fetcher }: EngineParts, { source, fresh = false }: SubmitRequest): SourceLink | null {
  return source !== null && 'url' in source ? { url: fetcher.check(source.url), fresh } : null;
}

async function sourceFile(parts: EngineParts, { caller, source }: SubmitRequest): Promise<StoredFile | null> {
  if (source !== null && 'stored' in source) return source.stored;
  return source !== null && 'file' in source ? findFile(parts, caller, source.file) : null;
}
