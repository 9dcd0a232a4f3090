import { ServiceError } from '../core/errors.ts';
import { timeSlices } from '../core/time-slices.ts';
import type { Submission } from '../ports/job-store.ts';
import { announceTogether } from './announce.ts';
import type { SubmitRequest, SubmitResult, SubmitTogether } from './engine.ts';
import type { EngineParts } from './parts.ts';
import { reservationLost } from './reservation-lost.ts';
import { reuseResult } from './reuse.ts';
import { queuedJob } from './submit.ts';

/** Each try drops what was refused in the one before; more only where files vanish all the while. */
const triesMax = 10;

/** One of the call: what is to be stored, or why it is not. `plain` is the same job without a reused result. */
type Entry = { readonly submission: Submission; readonly plain: Submission } | ServiceError;

/** Makes the jobs of one call durable: all that can be stored in one commit with the answer. Then they are announced. */
export async function submitTogether(
  parts: EngineParts,
  { requests, traceId, onPrepared, answer }: SubmitTogether,
): Promise<SubmitResult[]> {
  let entries = await prepared(parts, requests);
  for (let tries = 0; tries < triesMax; tries += 1) {
    const results = entries.map((entry) => (entry instanceof ServiceError ? entry : entry.submission.job));
    const submissions = entries.flatMap((entry) => (entry instanceof ServiceError ? [] : [entry.submission]));
    const storing = parts.store.submitTogether(submissions, answer?.(results));
    onPrepared?.();
    const outcome = await storing;
    if (outcome.kind === 'reservation-lost') throw reservationLost();
    if (outcome.kind === 'stored') {
      announceTogether(
        parts,
        submissions.map(({ job }) => job),
        traceId,
      );
      return results;
    }
    entries = withoutRefused(entries, outcome.outcomes);
  }
  throw new ServiceError('service-unavailable', 'The files of the jobs change too quickly; try again in a moment.', {
    retryAfterSeconds: 1,
  });
}

async function prepared(parts: EngineParts, requests: SubmitTogether['requests']): Promise<Entry[]> {
  const slices = timeSlices();
  const entries: Entry[] = [];
  for (const request of requests) {
    entries.push(request instanceof ServiceError ? request : await prepare(parts, request));
    await slices.pause();
  }
  return entries;
}

async function prepare(parts: EngineParts, request: SubmitRequest): Promise<Entry> {
  try {
    const plain = await queuedJob(parts, request);
    const mayReuse = request.fresh !== true && plain.job.reuseKey !== null && plain.job.runAt <= plain.job.createdAt;
    return { plain, submission: (mayReuse ? await reuseResult(parts, plain) : null) ?? plain };
  } catch (error) {
    // What is wrong with this one only; an outage is everyone's.
    if (error instanceof ServiceError && error.kind.status < 500) return error;
    throw error;
  }
}

function withoutRefused(entries: readonly Entry[], outcomes: readonly string[]): Entry[] {
  let next = 0;
  return entries.map((entry) => {
    if (entry instanceof ServiceError) return entry;
    const { submission, plain } = entry;
    const outcome = outcomes[next];
    next += 1;
    if (outcome === 'stored') return entry;
    if (outcome === 'queue-full') {
      return new ServiceError('queue-full', `${plain.queuedMax} jobs are waiting, which is the limit.`, { retryAfterSeconds: 5 });
    }
    // The result that was to be shared has just gone: do the work.
    if (submission !== plain) return { submission: plain, plain };
    return new ServiceError('not-found', 'The file of the source was removed meanwhile.');
  });
}
