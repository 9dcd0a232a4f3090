import type { JobState, Progress } from '../core/job.ts';

/**
 * Tells every process that the log has grown, by a job or by documents, or how far a job is. It carries no history: who hears of a change
 * reads the log. A notice may be lost or repeated.
 */
export interface EventBus {
  publish(notice: Notice): void;
  /** The returned function ends the subscription. With a job id, only its notices. */
  subscribe(listener: (notice: Notice) => void, jobId?: string): () => void;
  close(): Promise<void>;
}

export type Notice =
  | {
      readonly kind: 'changed';
      readonly job: string;
      readonly caller: string;
      readonly service: string;
      readonly state: JobState;
    }
  | {
      readonly kind: 'progress';
      readonly job: string;
      readonly caller: string;
      readonly service: string;
      readonly progress: Progress;
    }
  | { readonly kind: 'removed'; readonly job: string; readonly caller: string; readonly service: string }
  /** Of a collection, and so of no job. */
  | { readonly kind: 'documents'; readonly collection: string };
