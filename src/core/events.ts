import type { JsonObject } from './json.ts';

/** What is written into the history of a job, in the commit of the change that it tells of. */
export const jobEventTypes = [
  'job.queued',
  'job.started',
  'job.retrying',
  'job.released',
  'job.succeeded',
  'job.failed',
  'job.canceled',
] as const;
export type JobEventType = (typeof jobEventTypes)[number];

/** An event that is about to be written. The store gives it its place in the log and its time. */
export interface NewJobEvent {
  readonly type: JobEventType;
  readonly data: JsonObject;
}

/** One line of the log. `position` rises along the log of the whole store; outside it is shown as an opaque cursor. */
export interface JobEvent extends NewJobEvent {
  readonly position: number;
  readonly job: string;
  readonly caller: string;
  readonly service: string;
  readonly at: number;
}
