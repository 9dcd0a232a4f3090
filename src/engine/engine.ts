import type { JobEvent } from '../core/events.ts';
import type { Job, JobState, PictureSize, StoredFile } from '../core/job.ts';
import type { JsonObject } from '../core/json.ts';
import type { StoredBlob } from '../ports/blob-store.ts';
import type { Notice } from '../ports/event-bus.ts';
import type { ExecutorState } from '../ports/executor-pool.ts';
import type { Answer, IdempotencyKey, KeptAnswer, QueueState, Reservation } from '../ports/job-store.ts';
import type { Service } from '../ports/service.ts';

/**
 * What the engine does for whoever stands before it (HTTP, drop-ins). Every call that names a caller sees only what is the
 * caller's: another's id is `not-found`. All of them reject with a `ServiceError` of the table in `core/errors.ts`.
 */
export interface Engine {
  readonly services: ReadonlyMap<string, Service>;

  /** Durable when it resolves. A job whose result is already known comes back `succeeded`. */
  submit(request: SubmitRequest): Promise<Job>;
  job(caller: string, id: string): Promise<Job>;
  /** The job once it has left the state that it is in now, or as it is after `ms`, or when the signal aborts, or at shutdown. */
  waitForChange(caller: string, id: string, ms: number, signal: AbortSignal): Promise<Job>;
  /** The job once it has ended, or as it is after `ms`, or when the signal aborts, or at shutdown. */
  waitForEnd(caller: string, id: string, ms: number, signal: AbortSignal): Promise<Job>;
  /** JSON text of the result; `job-not-finished`, `job-failed`, `job-canceled` or `result-expired` where there is none. */
  result(caller: string, id: string): Promise<string>;
  /** JSON text of what a failed job had done, where its caller asked for that to be kept; else null. */
  partialResult(job: Job): Promise<string | null>;
  list(filter: ListFilter, limit: number, before?: string): Promise<Job[]>;
  cancel(caller: string, id: string): Promise<Job>;
  retry(caller: string, id: string, answer?: (job: Job) => KeptAnswer): Promise<Job>;
  remove(caller: string, id: string): Promise<void>;

  /** Where a queued job stands and what it waits for; cheap, refreshed each second. */
  waiting(job: Job): Promise<Waiting>;
  /** The history of a job from behind the log position `after` on. */
  events(caller: string, id: string, after?: number): Promise<JobEvent[]>;
  /** Live notices of one job. The returned function ends it. */
  subscribe(jobId: string, listener: (notice: Notice) => void): () => void;

  /** Streams bytes into the blob store; `submit` or `storeFile` makes a file of them, else `discard` must take them away. */
  receive(bytes: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<StoredBlob>;
  discard(blob: StoredBlob): Promise<void>;
  storeFile(caller: string, input: NewInput, answer?: (file: StoredFile) => KeptAnswer): Promise<StoredFile>;
  file(caller: string, id: string): Promise<StoredFile>;
  openFile(file: StoredFile, range?: { start: number; end: number }): Promise<NodeJS.ReadableStream>;
  removeFile(caller: string, id: string): Promise<void>;

  reserve(key: IdempotencyKey, token: string): Promise<Reservation>;
  unreserve(key: IdempotencyKey, token: string): Promise<void>;
  /** Keeps an answer whose change is already committed (cancel, pause); false where the reservation was taken over. */
  keepAnswer(key: IdempotencyKey, token: string, fingerprint: string, answer: Answer): Promise<boolean>;

  queues(): Promise<QueueState[]>;
  setPaused(service: string, paused: boolean): Promise<void>;
  executors(): ExecutorState[];
  storage(): Promise<{ freeBytes: number | null }>;

  /** Throws `service-unavailable` where the database or the storage does not answer. */
  check(): Promise<void>;
}

/** Bytes that have just come in and what was found out about them on the way. */
export interface NewInput {
  readonly blob: StoredBlob;
  readonly name: string | null;
  /** As sniffed, never as declared. */
  readonly mediaType: string;
  readonly picture: PictureSize | null;
}

export interface SubmitRequest {
  readonly caller: string;
  readonly service: Service;
  readonly source: { readonly input: NewInput } | { readonly file: string } | null;
  /** Checked against the contract, defaults filled in. */
  readonly options: JsonObject;
  readonly traceId: string;
  readonly priority?: number;
  /** Milliseconds since the epoch. */
  readonly runAt?: number;
  readonly deadline?: number;
  readonly maxAttempts?: number;
  readonly labels?: Readonly<Record<string, string>>;
  /** Do not reuse an earlier result. */
  readonly fresh?: boolean;
  /** Makes the answer that is kept for the idempotency key of the request, from the job as it will be committed. */
  readonly answer?: (job: Job) => KeptAnswer;
}

export interface ListFilter {
  readonly caller: string;
  readonly service?: string;
  readonly state?: JobState;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface Waiting {
  /** 1 is next; null beyond the first thousand and for jobs that are not queued or not yet due. */
  readonly position: number | null;
  /** Why it is not running yet, in words for people; null for jobs that are not queued. */
  readonly message: string | null;
}
