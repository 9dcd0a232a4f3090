import type { JobState } from '../core/job.ts';

export const actionNames = ['cancel', 'retry', 'delete'] as const;
export type ActionName = (typeof actionNames)[number];

/** Something that is to be done to many jobs, as work of its own: kept until it is done, whatever is killed meanwhile. */
export interface JobAction {
  /** A UUIDv7: only jobs with a smaller one, those made before, are meant by a filter. */
  readonly id: string;
  readonly caller: string;
  readonly action: ActionName;
  readonly target: ActionTarget;
  /** Where to go on: how many of the ids were worked off, or the id of the last job that the filter gave. Null at the beginning. */
  readonly cursor: string | null;
  readonly counts: ActionCounts;
  readonly traceId: string;
  readonly createdAt: number;
  /** Null while there is something left to do. */
  readonly finishedAt: number | null;
  /** When its record goes, if it is finished by then. */
  readonly expiresAt: number;
}

export type ActionTarget =
  | { readonly ids: readonly string[] }
  | {
      readonly filter: {
        readonly service?: string;
        readonly state?: JobState;
        readonly labels?: Readonly<Record<string, string>>;
        readonly createdAfter?: number;
        readonly createdBefore?: number;
      };
    };

export interface ActionCounts {
  /** Jobs that were found so far. */
  readonly matched: number;
  readonly done: number;
  /** Found in a state in which there was nothing to do, such as a finished job that was to be canceled. */
  readonly skipped: number;
  /** Ids of which there is no job of the caller. */
  readonly missing: number;
}

/** A step that was taken: from where, to where, and the counts since the beginning. */
export interface ActionStep {
  readonly id: string;
  readonly from: string | null;
  readonly cursor: string;
  readonly counts: ActionCounts;
  readonly finishedAt: number | null;
}
