import type { ServiceError } from '../core/errors.ts';
import type { JobEvent } from '../core/events.ts';
import type { Job, StoredFile } from '../core/job.ts';
import type { JsonObject } from '../core/json.ts';
import type { Notice } from '../ports/event-bus.ts';
import type { ExecutorEnd, ExecutorState } from '../ports/executor-pool.ts';
import type { JobAction } from '../ports/job-actions.ts';
import type {
  Answer,
  IdempotencyKey,
  JobFilter,
  KeptAnswer,
  QueueState,
  Reservation,
  StoredAmounts,
} from '../ports/job-store.ts';
import type { Service } from '../ports/service.ts';
import type { ActionRequest } from './actions.ts';
import type { Documents } from './documents.ts';
import type { LogTail } from './log-tail.ts';
import type { Rates } from './rate-meter.ts';
import type { NewInput, Storage } from './received.ts';

/**
 * What the engine does for whoever stands before it (HTTP, drop-ins). Every call that names a caller sees only what is the
 * caller's: another's id is `not-found`. All of them reject with a `ServiceError` of the table in `core/errors.ts`.
 */
export interface Engine extends Storage {
  readonly services: ReadonlyMap<string, Service>;

  /**
   * Throws `queue-full` or `quota-exceeded` where one more job of the service, or without one a job of any service, would be
   * refused now: so that nobody sends a body in vain. `submit` decides.
   */
  admits(caller: string, service: string | null): Promise<void>;
  /** Throws `insufficient-storage` where there is no room to take so many bytes in. */
  checkRoom(bytes: number): Promise<void>;
  /** Durable when it resolves. A job whose result is already known comes back `succeeded`. */
  submit(request: SubmitRequest): Promise<Job>;
  /**
   * Submits the jobs of one call in one commit with its answer. Each becomes a job or is refused alone, in order. Rejects only
   * where none of them can be stored.
   */
  submitTogether(call: SubmitTogether): Promise<SubmitResult[]>;
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

  /** Does something to many jobs, as work of its own: durable when it resolves, done later. */
  startAction(request: ActionRequest): Promise<JobAction>;
  action(caller: string, id: string): Promise<JobAction>;

  /** Where a queued job stands and what it waits for; cheap, refreshed each second. */
  waiting(job: Job): Promise<Waiting>;
  /** The history of a job from behind the log position `after` on. */
  events(caller: string, id: string, after?: number): Promise<JobEvent[]>;
  /** The history of all jobs of a caller from behind a log position on, at most `limit` lines. */
  log(caller: string, after: number, limit: number): Promise<JobEvent[]>;
  /** The newest position of the log. */
  logEnd(): Promise<number>;
  readonly documents: Documents;
  /** What happens to all jobs and to documents, told to any number of listeners from one reader. */
  readonly tail: LogTail;
  /** Live notices of one job. The returned function ends it. */
  subscribe(jobId: string, listener: (notice: Notice) => void): () => void;

  storeFile(caller: string, input: NewInput, answer?: (file: StoredFile) => KeptAnswer): Promise<StoredFile>;
  file(caller: string, id: string): Promise<StoredFile>;
  /** A file that a succeeded job made, by its name or id; the only one where neither is told. */
  output(caller: string, job: string, output: string | undefined): Promise<StoredFile>;
  openFile(file: StoredFile, range?: { start: number; end: number }): Promise<NodeJS.ReadableStream>;
  removeFile(caller: string, id: string): Promise<void>;

  reserve(key: IdempotencyKey, token: string): Promise<Reservation>;
  unreserve(key: IdempotencyKey, token: string): Promise<void>;
  /** Keeps an answer whose change is already committed (cancel, pause); false where the reservation was taken over. */
  keepAnswer(key: IdempotencyKey, token: string, fingerprint: string, answer: Answer): Promise<boolean>;

  queues(): Promise<QueueState[]>;
  setPaused(service: string, paused: boolean): Promise<void>;
  /** How many jobs a minute came to each state of late, by service; empty for a service of which nothing was heard. */
  rates(service: string): Rates;
  /** How long a job that is handed in now will wait, at the pace of the last seconds; null where that is not known. */
  expectedWaitMs(service: string): Promise<number | null>;
  workers(): WorkerState[];
  storage(): Promise<StoredAmounts & { readonly freeBytes: number | null; readonly reserveBytes: number }>;

  /** Throws `service-unavailable` where the database or the storage cannot be written. */
  check(): Promise<void>;
}

export interface SubmitRequest {
  readonly caller: string;
  readonly service: Service;
  /** `stored`: a file of the caller that was just found. */
  readonly source:
    | { readonly input: NewInput }
    | { readonly file: string }
    | { readonly stored: StoredFile }
    | { readonly url: string }
    | null;
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

export interface SubmitTogether {
  readonly traceId: string;
  /** Called when all is on its way to the store. */
  readonly onPrepared?: () => void;
  /** A `ServiceError` is one that was refused before it came here; it keeps its place. */
  readonly requests: readonly (SubmitRequest | ServiceError)[];
  /** Makes the answer that is kept for the idempotency key of the call, from what will be committed. */
  readonly answer?: (results: readonly SubmitResult[]) => KeptAnswer;
}

/** What became of one of several submissions. */
export type SubmitResult = Job | ServiceError;

export type ListFilter = JobFilter;

/** A process that runs jobs, and what each of its executors does now. */
export interface WorkerState {
  readonly name: string;
  readonly host: string;
  readonly pid: number;
  readonly startedAt: number;
  readonly executors: readonly ExecutorState[];
  readonly executorEnds: Readonly<Record<ExecutorEnd, number>>;
}

export interface Waiting {
  /** 1 is next; null beyond the first thousand and for jobs that are not queued or not yet due. */
  readonly position: number | null;
  /** Why it is not running yet, in words for people; null for jobs that are not queued. */
  readonly message: string | null;
}
