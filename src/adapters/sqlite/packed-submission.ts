import type { Submission } from '../../ports/job-store.ts';
import { type InsertedRow, insertedRow } from './rows.ts';

/**
 * A submission as the statements take it. Who asks makes it, so that the thread that writes has only values to bind; few of
 * them have names, as names travel along with each submission.
 */
export interface PackedSubmission extends Omit<Submission, 'job' | 'events'> {
  readonly row: InsertedRow;
  readonly labels: Readonly<Record<string, string>>;
  /** Type and data of each event, one after the other. */
  readonly events: readonly string[];
}

export function packed({ job, events, ...others }: Submission, now: number): PackedSubmission {
  return {
    ...others,
    row: insertedRow(job, now),
    labels: job.labels,
    events: events.flatMap(({ type, data }) => [type, JSON.stringify(data)]),
  };
}
