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

/** What is told of documents, in the commit of the change: `beer.poured`, say. */
export interface NewDocumentEvent {
  readonly type: string;
  readonly data: JsonObject;
}

/** A line of the log that tells of a document. It shares the rising positions of the lines that tell of jobs. */
export interface DocumentEvent extends NewDocumentEvent {
  readonly position: number;
  readonly collection: string;
  /** The document and its number; null where the event is about no single one. */
  readonly id: string | null;
  readonly number: number | null;
  readonly at: number;
}

export type LogEvent = JobEvent | DocumentEvent;
