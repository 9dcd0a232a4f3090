import type { ErrorCode } from '../core/errors.ts';
import type { JobEventType } from '../core/events.ts';
import type { ExecutorEnd } from './executor-pool.ts';
import type { QueueState, StoredAmounts } from './job-store.ts';

/** Where the parts of a process report what they did, for whoever watches it. Every call is cheap and never throws; all times are seconds. */
export interface Measures {
  /** `route` is the template, never the path that was asked for; null where there is none. The status is null where nobody waited for it. */
  requestEnded(route: string | null, method: string, status: number | null, seconds: number): void;
  /** A request was answered with this problem. */
  problemTold(code: ErrorCode): void;
  /** A committed change of so many jobs. */
  jobsChanged(service: string, event: JobEventType, jobs?: number): void;
  /** From when a job was due to its start. */
  jobWaited(service: string, seconds: number): void;
  /** From the start of an attempt to the commit of its outcome. */
  attemptEnded(service: string, outcome: AttemptLabel, seconds: number, problem: ErrorCode | null): void;
  /** The fetch of a link: it came, or was given up, or failed with this problem. */
  linkFetched(outcome: 'fetched' | 'reused' | 'aborted' | ErrorCode, seconds: number): void;
  /** So many writes were committed together. */
  committed(writes: number, seconds: number): void;
  /** What became of a pour that a tap told of. */
  pourEnded(outcome: PourLabel): void;
}

/** `repeat`: its beer had been made before. `refused`: it can never be taken as it is. */
export type PourLabel = 'new' | 'repeat' | 'refused';

/** What became of a job by an attempt at it. `aborted`: nothing, as it was no longer ours. */
export type AttemptLabel = 'succeeded' | 'failed' | 'retrying' | 'released' | 'aborted';

/** What is looked at when somebody asks, because it need not be counted on the way. */
export interface Gauges {
  /** Null where the store does not answer. */
  readonly queues: readonly QueueState[] | null;
  readonly storage: (StoredAmounts & { readonly freeBytes: number | null }) | null;
  readonly executors: { readonly busy: number; readonly idle: number; readonly residentBytes: number };
  readonly executorEnds: Readonly<Record<ExecutorEnd, number>>;
  readonly live: { readonly sockets: number; readonly bufferedBytes: number };
  /** Whether the broker of the taps has us connected; null where there is none. */
  readonly brokerConnected: boolean | null;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** The measures of one process, as a text that a monitoring system reads. */
export interface Metrics extends Measures {
  readonly contentType: string;
  text(gauges: Gauges): Promise<string>;
}
