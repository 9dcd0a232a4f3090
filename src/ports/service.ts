import type { TSchema } from 'typebox';
import type { ErrorCode, FieldError } from '../core/errors.ts';
import type { PictureSize } from '../core/job.ts';
import type { JsonObject } from '../core/json.ts';

/** One kind of slow work. All that is to know about it lies in its folder under `services/`; this is what the rest sees of it. */
export interface Service {
  /** As in `/v1/{name}`. */
  readonly name: string;
  readonly title: string;
  /** One sentence for people. */
  readonly summary: string;
  /** Changes whenever the same bytes and options may give another result; results are never shared across versions. */
  readonly version: string;
  /** Media types that it takes, as found from the bytes. Empty: the service works without a source. */
  readonly accepts: readonly string[];
  /** Media types that its outputs may have. */
  readonly produces: readonly string[];
  /**
   * TypeBox schemas: a closed object with a default for every option, and the shape of the result. For the form on the page an
   * option may say `x-form` (`advanced`: folded away, `hidden`: not there), `x-help` (its description in the words of the form)
   * and `x-default` (what it starts with, where a `default` of the schema would stand in the way of another option).
   */
  readonly contract: { readonly options: TSchema; readonly result: TSchema };
  /**
   * What the schema cannot say. Called with options that the schema has accepted and filled with its defaults; gives them in
   * their one spelling, which is what the job keeps, the task gets and results are shared by, or tells what is wrong with them.
   * Throws a `ServiceError` for what has an error of its own.
   */
  readonly normalize?: (options: JsonObject) => JsonObject | FieldError[];
  /** The program that does the work, where another one could (as found at the start). */
  readonly engine?: { readonly name: string; readonly version: string };
  /** Languages that are installed for it. */
  readonly languages?: readonly string[];
  /** Models that are installed for it; like `version`, this may be another list at each look. */
  readonly models?: readonly ServiceModel[];
  /** Folders of this machine, besides the program, that its task reads, and that are there: executors see nothing else. */
  readonly reads?: readonly string[];
  /** Files to try it with. */
  readonly samples?: readonly Sample[];
  /** The compiled module that exports `task: Task`; loaded in executors only. A query tells it what was found at the start. */
  readonly task: URL;
  readonly limits: ServiceLimits;
}

export interface ServiceModel {
  readonly id: string;
  readonly title: string;
  /** How many labels it knows. */
  readonly labels: number;
}

export interface Sample {
  /** Name within the service, with its ending. */
  readonly name: string;
  /** What it is, for people. */
  readonly title: string;
  readonly mediaType: string;
  readonly file: URL;
}

export interface ServiceLimits {
  readonly timeMs: number;
  /** The longest time without a word of progress, for tasks of many steps that tell of each; else `timeMs` alone counts. */
  readonly silenceMs?: number;
  /** Resident size of the executor and its children. */
  readonly memoryBytes: number;
}

/** The work itself: runs in an executor, sees one folder, and may be killed at any moment. */
export type Task = (context: TaskContext) => Promise<TaskOutcome>;

export interface TaskContext {
  readonly input: TaskInput | null;
  readonly options: JsonObject;
  /** W3C Trace Context of this attempt, for what the task writes and starts. */
  readonly traceparent: string;
  /** A folder for temporary files; emptied after the job. */
  readonly folder: string;
  /** Aborted when the job is canceled; two seconds later the executor is killed. */
  readonly signal: AbortSignal;
  /** Tells how far the work is; may be called at any rate. */
  progress(fraction: number | null, message?: string): void;
  /** Announces an output file: write it to `path`, where an empty file may be already, and name it in the result by `id`. */
  output(name: string, mediaType: string): { id: string; path: string };
  /** Makes an output of bytes, for outputs that are small: those need no file on their way. Resolves with its id. */
  outputBytes(name: string, mediaType: string, bytes: Uint8Array): Promise<string>;
}

export interface TaskInput {
  readonly path: string;
  readonly name: string | null;
  readonly mediaType: string;
  readonly bytes: number;
  /** What was found in its header when it came in; null where it is no picture or tells nothing. */
  readonly picture: PictureSize | null;
}

/** `rejected`: it will fail every time (a broken file). `retryLater`: it may work another time. A throw is a fault of ours and is tried again. */
export type TaskOutcome =
  | { readonly kind: 'done'; readonly result: JsonObject }
  /** `result`: what was done before it came to that, where the caller asked for it. */
  | { readonly kind: 'rejected'; readonly code: ErrorCode; readonly detail: string; readonly result?: JsonObject }
  | { readonly kind: 'retryLater'; readonly code: ErrorCode; readonly detail: string; readonly afterMs?: number };
