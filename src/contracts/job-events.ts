import { type Static, Type } from 'typebox';
import { jobEventTypes } from '../core/events.ts';
import { JobProgress } from './job.ts';

/** One line of the history of a job. In `text/event-stream`: `id`, `event: <type>`, and this object as `data`. */
export const JobEventView = Type.Object({
  id: Type.String({ description: 'Opaque; send it as `Last-Event-ID` to go on behind it.' }),
  type: Type.Enum([...jobEventTypes]),
  job: Type.String(),
  at: Type.String({ format: 'date-time' }),
  data: Type.Record(Type.String(), Type.Unknown()),
});

/** `GET /v1/jobs/{id}/events` as JSON. */
export const JobEventList = Type.Object({ items: Type.Array(JobEventView) });

/** The `data` of the live events `job.progress` in the stream: they have no id and are not in the history. */
export const JobProgressEvent = Type.Object({
  type: Type.Literal('job.progress'),
  job: Type.String(),
  data: JobProgress,
});

export type JobEventView = Static<typeof JobEventView>;
export type JobEventList = Static<typeof JobEventList>;
export type JobProgressEvent = Static<typeof JobProgressEvent>;
