import type { JobEventView } from '../contracts/job-events.ts';
import type { JobEvent } from '../core/events.ts';
import { eventCursor } from './cursor.ts';

/** An event of the log as clients see it: its position as an opaque cursor, without caller and service. */
export function eventView({ position, type, job, at, data }: JobEvent): JobEventView {
  return { id: eventCursor(position), type, job, at: new Date(at).toISOString(), data };
}
