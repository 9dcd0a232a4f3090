import type { ErrorCode } from '../core/errors.ts';
import type { Progress } from '../core/job.ts';
import type { JsonObject } from '../core/json.ts';
import type { TaskInput } from './service.ts';

/** Warm child processes that run tasks, one task each at a time; a second one may lie ready at each. */
export interface ExecutorPool {
  readonly size: number;
  /** Executors that have no task now (a dead one counts: it is started again when it is acquired). */
  idle(): number;
  /** An executor for one task. Only as many may be acquired as are idle. `isShort`: it takes some milliseconds most likely. */
  acquire(isShort?: boolean): Executor;
  /**
   * A place for a short task behind another one that runs: the executor begins it by itself, without a pause. Null where there is
   * none. What takes its turn late, or not at all, ends `unbegun`.
   */
  acquireBehind(): Executor | null;
  /** What each executor is and does, for operators. */
  snapshot(): ExecutorState[];
  /** How many processes ended, by reason, since the pool was opened. */
  ends(): Readonly<Record<ExecutorEnd, number>>;
  /** Kills all of them and removes their folders. */
  close(): Promise<void>;
}

/**
 * Why a process of the pool ended. `start`: it never was ready. `misbehavior`: it broke the rules of the conversation or of its
 * folder. `worn`: it had run for long and was replaced by a fresh one.
 */
export const executorEnds = ['time-limit', 'memory-limit', 'cancel', 'crash', 'misbehavior', 'worn', 'start'] as const;
export type ExecutorEnd = (typeof executorEnds)[number];

export interface Executor {
  /** The empty work folder of this task, made by the time that this resolves. Rejects where an executor cannot be started. */
  prepare(): Promise<ExecutorFolder>;
  /** Runs one task to its end; never rejects: a crash or an exceeded limit is an outcome, too. */
  run(assignment: Assignment, hooks: AssignmentHooks): Promise<ExecutorOutcome>;
  /** Empties the work folder and gives the executor back. */
  release(): Promise<void>;
}

export interface AssignmentHooks {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
  /** The task begins: from now on its limits count. */
  readonly onBegin?: () => void;
}

export interface ExecutorFolder {
  /** Where the input is to be put before `run`, as an absolute path of this side. */
  readonly inputPath: (mediaType: string) => string;
  /** The place behind another task has gone with its executor, and so has what was put there: `run` will end `unbegun`. */
  readonly isLost: () => boolean;
}

export interface Assignment {
  readonly job: string;
  readonly service: string;
  /** W3C Trace Context: the trace of the request that made the job, and the span of this attempt. */
  readonly traceparent: string;
  readonly options: JsonObject;
  readonly input: Omit<TaskInput, 'path'> | null;
  readonly timeMs: number;
  readonly silenceMs: number;
  readonly memoryBytes: number;
}

export type ExecutorOutcome = TaskEnd & {
  /** The largest resident size that was measured of the executor and its children meanwhile; missing where the task was too short for that. */
  readonly peakBytes?: number;
};

type TaskEnd =
  | { readonly kind: 'done'; readonly result: JsonObject; readonly outputs: readonly ExecutorOutput[] }
  /** `result`: what the task had done by then. Its files, if it made any, are dropped. */
  | { readonly kind: 'rejected'; readonly code: ErrorCode; readonly detail: string; readonly result?: JsonObject }
  /** An attempt that failed. `cause` is for the log only. */
  | {
      readonly kind: 'failed';
      readonly code: ErrorCode;
      readonly detail: string;
      readonly afterMs?: number;
      readonly cause?: unknown;
    }
  | { readonly kind: 'aborted' }
  /** It was behind another task, and its turn did not come: nothing of it has begun. */
  | { readonly kind: 'unbegun' };

/** What the task made. The executor is not trusted: whoever reads a file of it must open it without following links. */
export interface ExecutorOutput {
  readonly id: string;
  readonly name: string;
  readonly mediaType: string;
  /** The bytes of a small output, else an absolute path of this side, inside the work folder. */
  readonly content: { readonly bytes: Buffer } | { readonly path: string };
}

export interface ExecutorState {
  readonly executor: number;
  readonly pid: number | null;
  readonly job: string | null;
  readonly service: string | null;
  readonly startedAt: number | null;
  readonly tasks: number;
  readonly restarts: number;
  readonly sandbox: 'bwrap' | 'unshare' | 'none';
  readonly residentBytes: number | null;
}
