import type { JobError } from './errors.ts';
import type { JsonObject } from './json.ts';

export const jobStates = ['queued', 'running', 'succeeded', 'failed', 'canceled'] as const;
export type JobState = (typeof jobStates)[number];

/**
 * Which state may follow which: the only place that says so. `queued` to `succeeded` is the reuse of an earlier result;
 * `running` to `queued` a retry, a hand-back or a lost lease; `failed` and `canceled` to `queued` a retry that was asked for.
 */
export const nextStates: Readonly<Record<JobState, readonly JobState[]>> = {
  queued: ['running', 'succeeded', 'failed', 'canceled'],
  running: ['queued', 'succeeded', 'failed', 'canceled'],
  succeeded: [],
  failed: ['queued'],
  canceled: ['queued'],
};

export function canBecome(from: JobState, to: JobState): boolean {
  return nextStates[from].includes(to);
}

/** Succeeded, failed or canceled: nothing happens to it any more unless it is asked for. */
export function hasEnded(state: JobState): boolean {
  return state !== 'queued' && state !== 'running';
}

/** What a job works on: a stored file and what was found out about it when it came in. */
export interface Source {
  /** The id of the stored file. */
  file: string;
  /** Where its bytes lie; never shown outside. They stay as long as the job is queued or running, even if the file expires. */
  blob: string;
  name: string | null;
  mediaType: string;
  bytes: number;
  sha256: string;
  /** What its header told when it came in, so that it need not be read again; never shown outside. */
  picture: PictureSize | null;
}

export interface Progress {
  /** Share of the work that is done, 0 to 1, or null where it cannot be told. */
  fraction: number | null;
  message: string | null;
}

/** The right to work on a job for a while. Whoever settles the job must still hold it. */
export interface Lease {
  token: string;
  worker: string;
  expiresAt: number;
}

/** A job as the store keeps it. Times are milliseconds since the epoch on the clock of the store. */
export interface Job {
  readonly id: string;
  readonly caller: string;
  readonly service: string;
  readonly state: JobState;
  /** Rises by one with every committed change of state: the fence for changes that are made without a lease. */
  readonly version: number;
  readonly priority: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly options: JsonObject;
  readonly source: Source | null;
  /** The link that the source is fetched from, in the first attempt: until then there is no source. Null where there is no link. */
  readonly link: SourceLink | null;
  /** W3C trace id of the request that made it. */
  readonly traceId: string;
  /** Attempts begun, the running one included. A lost lease takes its own back. */
  readonly attempt: number;
  readonly maxAttempts: number;
  /** How often it was handed to a worker, lost leases included. */
  readonly handOuts: number;
  readonly progress: Progress | null;
  readonly createdAt: number;
  readonly runAt: number;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  /** When result, outputs and the input that came with the job go away; never while the job is queued or running. */
  readonly expiresAt: number;
  readonly deadline: number | null;
  readonly lease: Lease | null;
  readonly error: JobError | null;
  /** Ids of the files that the job made. */
  readonly outputs: readonly string[];
  /** Hash of everything that decides the result; null where the result must not be shared. */
  readonly reuseKey: string | null;
  /** The earlier job whose result this one got. */
  readonly reusedFrom: string | null;
  /** Whether the result was removed because its time was over. */
  readonly resultExpired: boolean;
}

/** A stored file. Several files may share one blob: deleting one leaves the others whole. */
export interface StoredFile {
  readonly id: string;
  readonly caller: string;
  readonly blob: string;
  readonly name: string | null;
  readonly mediaType: string;
  readonly bytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
  /** What the header tells; null where the type has none or they are not in the header. */
  readonly picture: PictureSize | null;
  readonly createdAt: number;
  /** From then on the file counts as gone; its bytes go once no queued or running job needs them. */
  readonly expiresAt: number;
  /** The job that it came with or that made it; its time to live is then that of the job. */
  readonly job: string | null;
}

/** What the header of a picture tells. */
export interface PictureSize {
  /** Pixels of a frame as stored, that is, before it is turned upright: limits are on their product, which turning keeps. */
  width: number;
  height: number;
  frames: number;
  /** The EXIF orientation, 1 to 8; 1 where there certainly is none, null where that was not found out. */
  orientation: number | null;
}

/** A link that a source is fetched from. */
export interface SourceLink {
  readonly url: string;
  /** Run anew even where the result of what the link gives is known already. */
  readonly fresh: boolean;
}

/** Whether the job works on a link that has not been fetched yet. */
export function needsFetch({ link, source }: Job): boolean {
  return link !== null && source === null;
}
