import type { JobError } from '../../core/errors.ts';
import type { Job, JobState, PictureSize, Progress, Source, SourceLink, StoredFile } from '../../core/job.ts';
import type { JsonObject } from '../../core/json.ts';
import type { AttachedInput } from '../../ports/job-store.ts';

/** How jobs and files stand in their tables. What `JSON.parse` gives here needs no check: only this file wrote it. */

/** A job as the statements give it with `.raw()`: an array costs half of what an object with names costs. */
export type JobRow = [
  id: string,
  caller: string,
  service: string,
  state: JobState,
  version: number,
  priority: number,
  labels: string,
  options: string,
  source: string | null,
  traceId: string,
  attempt: number,
  maxAttempts: number,
  handOuts: number,
  progress: string | null,
  createdAt: number,
  runAt: number,
  startedAt: number | null,
  finishedAt: number | null,
  expiresAt: number,
  deadline: number | null,
  leaseToken: string | null,
  leaseWorker: string | null,
  leaseExpiresAt: number | null,
  error: string | null,
  outputs: string,
  reuseKey: string | null,
  reusedFrom: string | null,
  pruned: number,
];

/** In the order of `JobRow`. */
export const jobColumns = [
  'id',
  'caller',
  'service',
  'state',
  'version',
  'priority',
  'labels',
  'options',
  'source',
  'trace_id',
  'attempt',
  'max_attempts',
  'hand_outs',
  'progress',
  'created_at',
  'run_at',
  'started_at',
  'finished_at',
  'expires_at',
  'deadline',
  'lease_token',
  'lease_worker',
  'lease_expires_at',
  'error',
  'outputs',
  'reuse_key',
  'reused_from',
  'pruned',
]
  .map((name) => `jobs.${name}`)
  .join(', ');

export function jobOf(row: JobRow): Job {
  const [
    id,
    caller,
    service,
    state,
    version,
    priority,
    labels,
    options,
    source,
    traceId,
    attempt,
    maxAttempts,
    handOuts,
    progress,
    createdAt,
    runAt,
    startedAt,
    finishedAt,
    expiresAt,
    deadline,
    leaseToken,
    leaseWorker,
    leaseExpiresAt,
    error,
    outputs,
    reuseKey,
    reusedFrom,
    pruned,
  ] = row;
  const kept = parseNullable<KeptSource>(source);
  return {
    id,
    caller,
    service,
    state,
    version,
    priority,
    labels: parse<Record<string, string>>(labels),
    options: parse<JsonObject>(options),
    source: sourceOf(kept),
    link: linkOf(kept),
    traceId,
    attempt,
    maxAttempts,
    handOuts,
    progress: parseNullable<Progress>(progress),
    createdAt,
    runAt,
    startedAt,
    finishedAt,
    expiresAt,
    deadline,
    lease:
      leaseToken !== null && leaseWorker !== null && leaseExpiresAt !== null
        ? { token: leaseToken, worker: leaseWorker, expiresAt: leaseExpiresAt }
        : null,
    error: parseNullable<JobError>(error),
    outputs: parse<string[]>(outputs),
    reuseKey,
    reusedFrom,
    resultExpired: pruned === 1 && state === 'succeeded',
  };
}

/** A new job as it is inserted; what decides about it comes first. */
export type InsertedRow = readonly [
  id: string,
  caller: string,
  service: string,
  state: JobState,
  ready: 0 | 1 | null,
  sourceFile: string | null,
  ...others: (string | number | null)[],
];

/** In the order of `InsertedRow`. */
export const insertedColumns = [
  'id',
  'caller',
  'service',
  'state',
  'ready',
  'source_file',
  'priority',
  'labels',
  'options',
  'source',
  'trace_id',
  'max_attempts',
  'created_at',
  'reuse_key',
  'run_at',
  'expires_at',
  'deadline',
] as const;

/** What every job begins with: it need not travel to the writer with each of them. */
export const firstColumns = { version: '1', attempt: '0', hand_outs: '0', outputs: "'[]'" } as const;

/** Written out, member by member: thousands of jobs may come in one call, and a loop over names would cost more than the rest. */
export function insertedRow(job: Job, now: number): InsertedRow {
  return [
    job.id,
    job.caller,
    job.service,
    job.state,
    readyAt(job, now),
    job.source?.file ?? null,
    job.priority,
    JSON.stringify(job.labels),
    JSON.stringify(job.options),
    sourceText(job),
    job.traceId,
    job.maxAttempts,
    job.createdAt,
    job.reuseKey,
    job.runAt,
    job.expiresAt,
    job.deadline,
  ];
}

/** What a job that is inserted has beyond a fresh one; null where there is nothing. */
export function advancedColumns(job: Job, now: number) {
  const isFresh =
    job.state === 'queued' && job.version === 1 && job.attempt === 0 && job.handOuts === 0 && job.reusedFrom === null;
  return isFresh ? null : { ...changingColumns(job, now), id: job.id };
}

/** The columns that a source changes which was fetched after the job was submitted. */
export function attachedColumns({ job, lease, source, reuseKey }: AttachedInput) {
  return { id: job, lease, source: JSON.stringify(source), source_file: source.file, reuse_key: reuseKey };
}

/** The columns that a change of state may change. */
export function changingColumns(job: Job, now: number) {
  return {
    state: job.state,
    version: job.version,
    ready: readyAt(job, now),
    attempt: job.attempt,
    hand_outs: job.handOuts,
    progress: textOf(job.progress),
    run_at: job.runAt,
    started_at: job.startedAt,
    finished_at: job.finishedAt,
    expires_at: job.expiresAt,
    deadline: job.deadline,
    lease_token: job.lease?.token ?? null,
    lease_worker: job.lease?.worker ?? null,
    lease_expires_at: job.lease?.expiresAt ?? null,
    error: textOf(job.error),
    outputs: JSON.stringify(job.outputs),
    reuse_key: job.reuseKey,
    reused_from: job.reusedFrom,
  };
}

function readyAt(job: Job, now: number): 0 | 1 | null {
  if (job.state !== 'queued') return null;
  return job.runAt <= now ? 1 : 0;
}

export interface FileRow {
  id: string;
  caller: string;
  blob: string;
  name: string | null;
  media_type: string;
  bytes: number;
  sha256: string;
  picture: string | null;
  created_at: number;
  expires_at: number;
  job: string | null;
}

export function fileOf(row: FileRow): StoredFile {
  return {
    id: row.id,
    caller: row.caller,
    blob: row.blob,
    name: row.name,
    mediaType: row.media_type,
    bytes: row.bytes,
    sha256: row.sha256,
    picture: pictureOf(parseNullable<OlderPicture>(row.picture)),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    job: row.job,
  };
}

export function fileRowOf(file: StoredFile): FileRow {
  return {
    id: file.id,
    caller: file.caller,
    blob: file.blob,
    name: file.name,
    media_type: file.mediaType,
    bytes: file.bytes,
    sha256: file.sha256,
    picture: textOf(file.picture),
    created_at: file.createdAt,
    expires_at: file.expiresAt,
    job: file.job,
  };
}

/** As rows may have been written before the orientation of a picture was kept. */
type OlderPicture = Omit<PictureSize, 'orientation'> & Partial<PictureSize>;
type OlderSource = Omit<Source, 'picture'> & { picture?: OlderPicture | null };
/** The link of a job stands beside its source, and alone until there is one. */
type KeptSource = (OlderSource | { file?: undefined }) & { url?: string; fresh?: 0 | 1 | null };

function sourceOf(kept: KeptSource | null): Source | null {
  if (kept === null || kept.file === undefined) return null;
  const { file, blob, name, mediaType, bytes, sha256, picture } = kept;
  return { file, blob, name, mediaType, bytes, sha256, picture: pictureOf(picture ?? null) };
}

function linkOf(kept: KeptSource | null): SourceLink | null {
  return kept?.url === undefined ? null : { url: kept.url, fresh: kept.fresh === 1 };
}

function sourceText({ source, link }: Pick<Job, 'source' | 'link'>): string | null {
  return textOf(link === null ? source : { url: link.url, fresh: link.fresh ? 1 : 0, ...source });
}

function pictureOf(picture: OlderPicture | null): PictureSize | null {
  return picture === null ? null : { ...picture, orientation: picture.orientation ?? null };
}

export function parse<T>(text: string): T {
  return JSON.parse(text);
}

function parseNullable<T>(text: string | null): T | null {
  return text === null ? null : parse<T>(text);
}

function textOf(value: object | null): string | null {
  return value === null ? null : JSON.stringify(value);
}
