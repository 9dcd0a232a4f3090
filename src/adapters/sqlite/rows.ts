import type { JobError } from '../../core/errors.ts';
import type { Job, JobState, PictureSize, Progress, Source, StoredFile } from '../../core/job.ts';
import type { JsonObject } from '../../core/json.ts';

/** How jobs and files stand in their tables. What `JSON.parse` gives here needs no check: only this file wrote it. */

export interface JobRow {
  id: string;
  caller: string;
  service: string;
  state: JobState;
  version: number;
  priority: number;
  labels: string;
  options: string;
  source: string | null;
  trace_id: string;
  attempt: number;
  max_attempts: number;
  hand_outs: number;
  progress: string | null;
  created_at: number;
  run_at: number;
  started_at: number | null;
  finished_at: number | null;
  expires_at: number;
  deadline: number | null;
  lease_token: string | null;
  lease_worker: string | null;
  lease_expires_at: number | null;
  error: string | null;
  outputs: string;
  reuse_key: string | null;
  reused_from: string | null;
  pruned: number;
}

const jobColumnNames = [
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
] as const satisfies readonly (keyof JobRow)[];

export const jobColumns = jobColumnNames.map((name) => `jobs.${name}`).join(', ');

export function jobOf(row: JobRow): Job {
  const { lease_token: token, lease_worker: worker, lease_expires_at: expiresAt } = row;
  return {
    id: row.id,
    caller: row.caller,
    service: row.service,
    state: row.state,
    version: row.version,
    priority: row.priority,
    labels: parse<Record<string, string>>(row.labels),
    options: parse<JsonObject>(row.options),
    source: parseNullable<Source>(row.source),
    traceId: row.trace_id,
    attempt: row.attempt,
    maxAttempts: row.max_attempts,
    handOuts: row.hand_outs,
    progress: parseNullable<Progress>(row.progress),
    createdAt: row.created_at,
    runAt: row.run_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    expiresAt: row.expires_at,
    deadline: row.deadline,
    lease: token !== null && worker !== null && expiresAt !== null ? { token, worker, expiresAt } : null,
    error: parseNullable<JobError>(row.error),
    outputs: parse<string[]>(row.outputs),
    reuseKey: row.reuse_key,
    reusedFrom: row.reused_from,
    resultExpired: row.pruned === 1 && row.state === 'succeeded',
  };
}

/** The columns that a job is submitted with and keeps. */
export function fixedColumns(job: Job) {
  return {
    caller: job.caller,
    service: job.service,
    priority: job.priority,
    labels: JSON.stringify(job.labels),
    options: JSON.stringify(job.options),
    source: textOf(job.source),
    source_file: job.source?.file ?? null,
    trace_id: job.traceId,
    max_attempts: job.maxAttempts,
    created_at: job.createdAt,
    reuse_key: job.reuseKey,
    reused_from: job.reusedFrom,
  };
}

/** The columns that a change of state may change. */
export function changingColumns(job: Job, now: number) {
  return {
    state: job.state,
    version: job.version,
    ready: job.state !== 'queued' ? null : job.runAt <= now ? 1 : 0,
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
  };
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
    picture: parseNullable<PictureSize>(row.picture),
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

export function parse<T>(text: string): T {
  return JSON.parse(text);
}

function parseNullable<T>(text: string | null): T | null {
  return text === null ? null : parse<T>(text);
}

function textOf(value: object | null): string | null {
  return value === null ? null : JSON.stringify(value);
}
