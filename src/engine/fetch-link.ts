import { formatBytes } from '../core/byte-sizes.ts';
import { ServiceError } from '../core/errors.ts';
import type { Job, Lease, Progress } from '../core/job.ts';
import { limits } from '../core/limits.ts';
import type { FetchedSource } from '../ports/source-fetcher.ts';
import { announce } from './announce.ts';
import { type AttemptOutcome, failedAttempt, orNotStored } from './attempt.ts';
import { contentsOf, discard, IntakeRoom, receive } from './contents.ts';
import { newFile, sourceOf } from './files.ts';
import type { EngineParts } from './parts.ts';
import type { NewInput, Storage } from './received.ts';
import { reusedEnd, reuseKey } from './reuse.ts';

/** `reused`: the job is done, with the result of an earlier one. */
export type FetchOutcome =
  | { readonly kind: 'fetched'; readonly job: Job }
  | { readonly kind: 'reused' }
  | Extract<AttemptOutcome, { readonly kind: 'aborted' | 'failed' | 'rejected' | 'notStored' }>;

/** The first part of an attempt at a link: its bytes become the source of the job, which later attempts find there. Never rejects. */
export async function fetchLink(
  parts: EngineParts,
  job: Job,
  lease: Lease,
  hooks: { readonly signal: AbortSignal; readonly onProgress: (progress: Progress) => void },
): Promise<FetchOutcome> {
  const begunAt = parts.clock.now();
  const outcome = await fetchAndAttach(parts, job, lease, hooks);
  const ended = outcome.kind === 'notStored' ? outcome.instead : outcome;
  const label = ended.kind === 'rejected' || ended.kind === 'failed' ? ended.code : ended.kind;
  parts.measures.linkFetched(label, (parts.clock.now() - begunAt) / 1000);
  return outcome;
}

async function fetchAndAttach(
  parts: EngineParts,
  job: Job,
  lease: Lease,
  hooks: Parameters<typeof fetchLink>[3],
): Promise<FetchOutcome> {
  try {
    const input = await fetchInto(parts, job, hooks);
    const fetched = await attach(parts, job, lease, input);
    if (fetched === null) return { kind: 'aborted' };
    const reused = job.link?.fresh !== true && (await reuse(parts, fetched, lease));
    return reused ? { kind: 'reused' } : { kind: 'fetched', job: fetched };
  } catch (error) {
    return hooks.signal.aborted ? { kind: 'aborted' } : orNotStored(parts, failedAttempt(error));
  }
}

async function fetchInto(
  parts: EngineParts,
  job: Job,
  { signal, onProgress }: Parameters<typeof fetchLink>[3],
): Promise<NewInput> {
  const service = parts.services.get(job.service);
  if (service === undefined) throw new ServiceError('service-unavailable', `The service ${job.service} is not installed here.`);
  if (job.link === null) throw new Error('a job without a link has nothing to fetch');
  const fetched = await parts.fetcher.fetch(job.link.url, { bytesMax: parts.settings.uploadBytesMax, signal });
  const storage: Storage = {
    receive: (bytes) => receive(parts, bytes, signal, new IntakeRoom()),
    discard: (blob) => discard(parts, blob),
  };
  try {
    return await parts.receiveFetched(storage, { ...fetched, bytes: told(parts, fetched, onProgress) }, service);
  } finally {
    fetched.close();
  }
}

/** The bytes, while it is told how many have come. */
async function* told(
  { clock }: Pick<EngineParts, 'clock'>,
  { bytes: chunks, totalBytes }: FetchedSource,
  onProgress: (progress: Progress) => void,
): AsyncGenerator<Buffer> {
  const total = totalBytes === null ? '' : ` of ${formatBytes(totalBytes)}`;
  let bytes = 0;
  let toldAt = Number.NEGATIVE_INFINITY;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (clock.now() - toldAt >= limits.progressIntervalMs) {
      toldAt = clock.now();
      onProgress({ fraction: null, message: `fetching (${formatBytes(bytes)}${total})` });
    }
    yield chunk;
  }
}

/** The job with its source, once that is committed; null where the job is no longer ours. */
async function attach(parts: EngineParts, job: Job, lease: Lease, input: NewInput): Promise<Job | null> {
  const { store, services } = parts;
  const file = newFile(job.caller, input, store.now(), job.expiresAt, job.id);
  const source = sourceOf(file);
  const service = services.get(job.service);
  const key = service === undefined ? null : reuseKey(job.caller, service, source, job.options);
  try {
    const attached = { job: job.id, lease: lease.token, input: file, source, reuseKey: key, ...contentsOf([input.blob]) };
    if (await store.attachInput(attached)) return { ...job, source, reuseKey: key };
  } catch (error) {
    await discard(parts, input.blob);
    throw error;
  }
  await discard(parts, input.blob);
  return null;
}

/** Whether the job is done already, with a result that is known for these bytes. */
async function reuse(parts: EngineParts, job: Job, lease: Lease): Promise<boolean> {
  const end = await reusedEnd(parts, job);
  if (end === null || !(await parts.store.change({ ...end, fence: { lease: lease.token } }))) return false;
  announce(parts, end.next, end.event);
  return true;
}
