import type { JobEvent, LogEvent, NewJobEvent } from '../core/events.ts';
import type { Job, JobState, Progress, Source, StoredFile } from '../core/job.ts';
import type { ActionStep, JobAction } from './job-actions.ts';

/**
 * The job store owns the truth: jobs, their history, the files they use, pauses, and the answers kept for idempotency keys.
 * Every write is durable when its promise resolves (fsync, not just the page cache). Writes of one turn of the event loop
 * may share a transaction; a write that is refused never spoils its neighbours. Times are milliseconds on the clock of the
 * store, which is the only one that leases, delays and expiry are measured by.
 */
export interface JobStore {
  readonly capabilities: {
    /** Whether several processes may work on it at once. Where not, a lease that is found at start belongs to a dead process. */
    readonly shared: boolean;
  };

  now(): number;

  /** Stores new jobs with their history, input files and kept answers: each one whole or not at all, in order. */
  submit(submissions: readonly Submission[]): Promise<SubmitOutcome[]>;
  /**
   * Stores new jobs and an answer in one commit: all of them or, where one is refused, nothing. All of them have the same
   * `queuedMax`, and none an answer of its own.
   */
  submitTogether(submissions: readonly Submission[], answer?: KeptAnswer): Promise<TogetherOutcome>;

  /** Commits a decided change of state if the fence still holds; false where it does not, and then nothing is written. */
  change(change: JobChange): Promise<boolean>;

  /**
   * Takes up to `limit` queued jobs that are due and gives them a lease. Services take turns in the order given; within a
   * service the callers take turns (round robin); within a caller the highest priority, then the oldest job, goes first.
   * Once `fetchesMax` of them are jobs that need a fetch, jobs that need one are passed over.
   * Pauses, rates and concurrency limits hold over all processes. Costs the same however many jobs wait.
   */
  claim(request: ClaimRequest): Promise<ClaimOutcome>;

  /** Extends leases to now + `leaseMs` and stores progress; answers with the tokens that no longer hold. */
  heartbeat(beats: readonly Heartbeat[], leaseMs: number): Promise<string[]>;

  /** Gives a running job the file that was fetched for it as its source, if its lease still holds; false, with nothing written, where not. */
  attachInput(attached: AttachedInput): Promise<boolean>;

  /** Running jobs whose lease has run out, or with `all` every running job; oldest lease first. */
  lost(limit: number, all?: boolean): Promise<Job[]>;

  /** Queued or running jobs whose deadline has passed. */
  pastDeadline(limit: number): Promise<Job[]>;

  get(id: string): Promise<Job | null>;
  /** The result as JSON text, or null where there is none. */
  getResult(id: string): Promise<string | null>;
  /** The newest succeeded job with this reuse key whose result is still there. */
  findReusable(reuseKey: string): Promise<Job | null>;
  /** Newest first. `before` is the id of the last job of the page before. */
  list(filter: JobFilter, limit: number, before?: string): Promise<Job[]>;
  /** The history of a job in order, from behind `after` on. */
  events(jobId: string, after?: number, limit?: number): Promise<JobEvent[]>;
  /**
   * The log of a caller in order from behind `after` on: events of its jobs. Events of removed jobs are gone from it.
   * Who reads on from the last position it was given misses nothing: no event appears later at a position below one that
   * was given (a store with several writers stays below its oldest open transaction). Costs what it gives, however long the log is.
   */
  log(request: LogRequest): Promise<JobEvent[]>;
  /** The same for the one log of the store: events of the jobs of all callers, and of documents. */
  wholeLog(request: Omit<LogRequest, 'caller'>): Promise<LogEvent[]>;
  /** The newest position that was ever given to an event, 0 where there was none. */
  logEnd(): Promise<number>;

  /** Takes a finished job away: record, history and result at once; its files expire now. False where the version is another. */
  remove(id: string, version: number): Promise<boolean>;

  insertFile(file: StoredFile, answer?: KeptAnswer, content?: Content): Promise<boolean>;
  /** Null once it has expired, too; a file that a queued or running job needs does not expire. */
  getFile(id: string): Promise<StoredFile | null>;
  /** The bytes of a blob that lies here, or null where it lies in the blob store. They go with the last file that refers to them. */
  getContent(blob: string): Promise<Uint8Array | null>;
  /** Makes a file expire now, unless a queued or running job needs it. */
  expireFile(id: string): Promise<'expired' | 'in-use' | 'absent'>;

  /** Ids of the next due jobs of a service, in about the order in which they will start. */
  line(service: string, limit: number): Promise<string[]>;
  queues(): Promise<QueueState[]>;
  /** How many jobs of a caller are queued; counts no further than `limit`. */
  queuedOf(caller: string, limit: number): Promise<number>;
  /** What is kept, counted as it comes and goes. */
  stored(): Promise<StoredAmounts>;
  setPaused(service: string, paused: boolean): Promise<void>;

  /** Reserves an idempotency key before the body is read; the same token extends its own. An expired reservation is taken over. */
  reserve(key: IdempotencyKey, token: string, leaseMs: number): Promise<Reservation>;
  /** Gives a reservation back, if it is still this one. */
  unreserve(key: IdempotencyKey, token: string): Promise<void>;
  /** Gives back every reservation that has no answer: those that a dead process left, at the start of the only one there is. */
  unreserveAll(): Promise<number>;
  /** Completes a reservation without any other change, or replaces the answer that the same token gave; false where it was taken over. */
  answer(answer: KeptAnswer): Promise<boolean>;

  /** Keeps what is to be done to many jobs; false, with nothing written, where the reservation of its key was taken over. */
  insertAction(action: JobAction, answer?: KeptAnswer): Promise<boolean>;
  getAction(id: string): Promise<JobAction | null>;
  /** The oldest one that is not finished. */
  nextAction(): Promise<JobAction | null>;
  /** Notes a step; false, with nothing written, where the action does not stand at `from` any more. */
  advanceAction(step: ActionStep): Promise<boolean>;

  /**
   * Removes what is past its time: results and outputs of jobs past `expiresAt`, records `recordMs` later, files, answers, finished actions.
   * Nothing that a queued or running job needs goes. The blobs returned are no longer referred to by any file, and their bytes lie in the
   * blob store.
   */
  prune(limit: number, recordMs: number): Promise<Pruned>;
  /** Those of the given blobs that no file refers to. */
  unreferencedBlobs(blobs: readonly string[]): Promise<string[]>;

  /** Bytes that are free where the store lies, or null where there is no such figure. */
  freeBytes(): Promise<number | null>;
  /** Throws where the store cannot be read or written. */
  check(): Promise<void>;
  /** Commits what is under way, then lets go of the database. */
  close(): Promise<void>;
}

/** The bytes of a small blob, kept in the store itself. */
export interface Content {
  readonly blob: string;
  /** A view of a buffer of its own: a store in another thread would copy the rest of the buffer, too. */
  readonly bytes: Uint8Array;
}

/** What a job has that reuses a result: the result as JSON text, and new files that each share the blob of the file `from`. */
export interface ReusedResult {
  readonly result: string;
  readonly files: readonly { readonly from: string; readonly file: StoredFile }[];
}

export interface Submission {
  readonly job: Job;
  readonly events: readonly NewJobEvent[];
  /** The file that came with the job, stored in the same commit. */
  readonly input?: StoredFile;
  /** Bytes that are committed together with the job. */
  readonly contents?: readonly Content[];
  readonly reuse?: ReusedResult;
  readonly answer?: KeptAnswer;
  /** Refuse where so many jobs of all callers are queued already. A job that has succeeded already takes no place. */
  readonly queuedMax: number;
}

/** `file-gone`: a file that it refers to is no longer there. `reservation-lost`: another request took over its idempotency key. */
export type SubmitOutcome = 'stored' | 'queue-full' | 'file-gone' | 'reservation-lost';

export type TogetherOutcome =
  | { readonly kind: 'stored' }
  | { readonly kind: 'reservation-lost' }
  /** Nothing was written. For each submission, in order, what alone would have become of it. */
  | { readonly kind: 'refused'; readonly outcomes: readonly ('stored' | 'queue-full' | 'file-gone')[] };

export interface JobChange {
  readonly next: Job;
  readonly event: NewJobEvent;
  /** A lease token for whoever works on the job, else the version that the change was decided on. */
  readonly fence: { readonly lease: string } | { readonly version: number };
  /** JSON text. */
  readonly result?: string;
  readonly outputs?: readonly StoredFile[];
  readonly contents?: readonly Content[];
  /** Nothing is written where a file that it shares has gone. */
  readonly reuse?: ReusedResult;
  readonly answer?: KeptAnswer;
  /** Nobody is kept waiting by it: a store may let it wait some milliseconds for other writes, to commit them together. */
  readonly mayWait?: boolean;
}

export interface AttachedInput {
  readonly job: string;
  readonly lease: string;
  readonly input: StoredFile;
  readonly contents?: readonly Content[];
  /** The input, as the job keeps it. */
  readonly source: Source;
  readonly reuseKey: string | null;
}

export interface ServiceLane {
  readonly service: string;
  /** At most so many running at once over all workers, or null. */
  readonly concurrency: number | null;
  /** At most `limit` starts in any `perMs` on the average, with bursts up to `limit` (a token bucket), or null. */
  readonly rate: { readonly limit: number; readonly perMs: number } | null;
}

export interface ClaimRequest {
  readonly lanes: readonly ServiceLane[];
  readonly limit: number;
  /** At most so many of them may be jobs whose link is not fetched yet. */
  readonly fetchesMax: number;
  readonly worker: string;
  readonly leaseMs: number;
}

export interface ClaimOutcome {
  readonly jobs: Job[];
  /** When the next delayed job, or the next start that a rate allows, is due; null where nothing is known to come. */
  readonly nextAt: number | null;
}

export interface Heartbeat {
  readonly job: string;
  readonly lease: string;
  readonly progress: Progress | null;
}

export interface JobFilter {
  readonly caller: string;
  readonly service?: string;
  readonly state?: JobState;
  readonly labels?: Readonly<Record<string, string>>;
  /** Created at this time or later, and before this time. The id of a job is made within a minute of its creation. */
  readonly createdAfter?: number;
  readonly createdBefore?: number;
}

export interface StoredAmounts {
  /** Bytes that several files share count once. */
  readonly files: { readonly count: number; readonly bytes: number };
  readonly results: { readonly count: number; readonly bytes: number };
  /** What the database takes on its disk; null where there is none. */
  readonly databaseBytes: number | null;
}

export interface LogRequest {
  readonly caller: string;
  readonly after: number;
  readonly limit: number;
}

export interface QueueState {
  readonly service: string;
  readonly paused: boolean;
  readonly counts: Readonly<Record<JobState, number>>;
  /** Those of the queued jobs whose time has not come. */
  readonly delayed: number;
  /** When the longest waiting due job was created. */
  readonly oldestQueuedAt: number | null;
}

export interface IdempotencyKey {
  readonly caller: string;
  readonly key: string;
}

export type Reservation =
  | { readonly kind: 'reserved' }
  | { readonly kind: 'in-progress' }
  | { readonly kind: 'answered'; readonly fingerprint: string; readonly answer: Answer };

/** The first answer to a request with an idempotency key, as it is given again. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface KeptAnswer extends IdempotencyKey {
  readonly token: string;
  /** Hash of the request that it answers. */
  readonly fingerprint: string;
  readonly answer: Answer;
  readonly keepMs: number;
}

export interface Pruned {
  readonly results: number;
  readonly jobs: number;
  readonly files: number;
  readonly answers: number;
  readonly actions: number;
  readonly blobs: string[];
}
