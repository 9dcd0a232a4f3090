import type { JobsEvent, JobView } from '../../client/client.ts';
import { hasEnded, jobStates } from '../../core/job.ts';

/** A row of the list: the job as it was read and as events have changed it since. */
export interface ShownJob extends JobView {
  /** It was deleted while it was shown. */
  readonly isGone: boolean;
}

/** The job after an event; the same object where nothing that is shown has changed. */
export function changedJob(job: ShownJob, event: JobsEvent): ShownJob {
  if (event.type === 'resync') return job;
  if (event.type === 'job.removed') return { ...job, isGone: true };
  if (event.type === 'job.progress') return { ...job, progress: event.data };
  const state = jobStates.find((each) => each === event.data.state) ?? job.state;
  const attempt = typeof event.data.attempt === 'number' ? event.data.attempt : job.attempt;
  const known = { ...job, state, attempt, queuePosition: null, progress: null };
  if (event.type === 'job.started') return { ...known, startedAt: event.at, finishedAt: null, error: null };
  return { ...known, finishedAt: hasEnded(state) ? event.at : null };
}

/** When a job was made, from its id (a UUIDv7 begins with the milliseconds since 1970). */
export function createdAtOf(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}
