import { type ErrorCode, ServiceError } from '../core/errors.ts';
import type { Job } from '../core/job.ts';
import { timeSlices } from '../core/time-slices.ts';
import type { Submission } from '../ports/job-store.ts';
import type { Admission } from './admission.ts';
import { announceTogether } from './announce.ts';
import type { SubmitRequest, SubmitResult, SubmitTogether } from './engine.ts';
import type { EngineParts } from './parts.ts';
import { reservationLost } from './reservation-lost.ts';
import { reuseResult } from './reuse.ts';
import { queuedJob } from './submit.ts';

/** Each try drops what was refused in the one before; more only where files vanish all the while. */
const triesMax = 10;

/** One of the call that is to be stored. `plain` is the same job without a reused result. */
interface Prepared {
  readonly submission: Submission;
  readonly plain: Submission;
}

/** What is to be stored, or why it is not. */
type Entry = Prepared | ServiceError;

/** The places in the queues that the call takes until it is done. */
interface Places {
  enter(job: Job): Promise<void>;
  queueFull(): ServiceError;
}

const fullCodes: ReadonlySet<ErrorCode> = new Set(['queue-full', 'quota-exceeded']);

/** Makes the jobs of one call durable: all that can be stored in one commit with the answer. Then they are announced. */
export async function submitTogether(parts: EngineParts, admission: Admission, call: SubmitTogether): Promise<SubmitResult[]> {
  const leaves: (() => void)[] = [];
  const places: Places = {
    async enter(job) {
      const leave = await admission.enter(job);
      leaves.push(leave);
    },
    queueFull: admission.queueFull,
  };
  try {
    return await storeTogether(parts, places, call);
  } finally {
    for (const leave of leaves) leave();
  }
}

async function storeTogether(
  parts: EngineParts,
  places: Places,
  { requests, traceId, onPrepared, answer }: SubmitTogether,
): Promise<SubmitResult[]> {
  let entries = await prepared(parts, places, requests);
  refuseWhereAllAre(entries);
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
    entries = await withoutRefused(places, entries, outcome.outcomes);
    refuseWhereAllAre(entries);
  }
  throw new ServiceError('service-unavailable', 'The files of the jobs change too quickly; try again in a moment.', {
    retryAfterSeconds: 1,
  });
}

/** A call of which nothing could be stored because there is no room is refused as a whole, so that its client comes again later. */
function refuseWhereAllAre(entries: readonly Entry[]): void {
  const [first] = entries;
  const isFull = (entry: Entry | undefined) => entry instanceof ServiceError && fullCodes.has(entry.code);
  if (isFull(first) && entries.every(isFull)) throw first;
}

async function prepared(parts: EngineParts, places: Places, requests: SubmitTogether['requests']): Promise<Entry[]> {
  const slices = timeSlices();
  const entries: Entry[] = [];
  for (const request of requests) {
    entries.push(request instanceof ServiceError ? request : await prepare(parts, places, request));
    await slices.pause();
  }
  return entries;
}

async function prepare(parts: EngineParts, places: Places, request: SubmitRequest): Promise<Entry> {
  try {
    const plain = await queuedJob(parts, request);
    const mayReuse = request.fresh !== true && plain.job.reuseKey !== null && plain.job.runAt <= plain.job.createdAt;
    const reused = mayReuse ? await reuseResult(parts, plain) : null;
    if (reused === null) await places.enter(plain.job);
    return { plain, submission: reused ?? plain };
  } catch (error) {
    // What is wrong with this one only; an outage is everyone's.
    if (error instanceof ServiceError && (error.kind.status < 500 || fullCodes.has(error.code))) return error;
    throw error;
  }
}

async function withoutRefused(places: Places, entries: readonly Entry[], outcomes: readonly string[]): Promise<Entry[]> {
  let next = 0;
  const kept: Entry[] = [];
  for (const entry of entries) {
    kept.push(entry instanceof ServiceError ? entry : await afterRefusal(places, entry, outcomes[next]));
    if (!(entry instanceof ServiceError)) next += 1;
  }
  return kept;
}

async function afterRefusal(places: Places, entry: Prepared, outcome: string | undefined): Promise<Entry> {
  const { submission, plain } = entry;
  if (outcome === 'stored') return entry;
  if (outcome === 'queue-full') return places.queueFull();
  if (submission === plain) return new ServiceError('not-found', 'The file of the source was removed meanwhile.');
  // The result that was to be shared has just gone: do the work.
  try {
    await places.enter(plain.job);
    return { submission: plain, plain };
  } catch (error) {
    if (error instanceof ServiceError && fullCodes.has(error.code)) return error;
    throw error;
  }
}
