import type { JobEventView, JobProgressEvent } from '../contracts/job-events.ts';

/** What the watcher of several jobs is told. */
export type JobsEvent =
  | JobEventView
  | JobProgressEvent
  /** The job was deleted. */
  | { readonly type: 'job.removed'; readonly job: string }
  /** More than 24 hours were missed: read anew what you show. Only where all jobs are watched. */
  | { readonly type: 'resync' };
