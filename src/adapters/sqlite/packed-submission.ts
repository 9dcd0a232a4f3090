import type { Content, Submission } from '../../ports/job-store.ts';
import { advancedColumns, type InsertedRow, insertedRow } from './rows.ts';

/**
 * A submission as the statements take it. Who asks makes it, so that the thread that writes has only values to bind; few of
 * them have names, as names travel along with each submission.
 */
export interface PackedSubmission {
  readonly row: InsertedRow;
  readonly labels: Readonly<Record<string, string>>;
  /** Type and data of each event, one after the other. */
  readonly events: readonly string[];
  readonly queuedMax: number;
  /** Of a job that is no longer a fresh one when it is stored. */
  readonly advanced: ReturnType<typeof advancedColumns>;
  /** What most jobs of a call come without. */
  readonly extras: Pick<Submission, 'input' | 'contents' | 'reuse' | 'answer'> | null;
}

export function packed({ job, events, queuedMax, ...extras }: Submission, now: number): PackedSubmission {
  const texts: string[] = [];
  for (const { type, data } of events) texts.push(type, JSON.stringify(data));
  return {
    row: insertedRow(job, now),
    labels: job.labels,
    events: texts,
    queuedMax,
    advanced: advancedColumns(job, now),
    extras: hasMembers(extras) ? extras : null,
  };
}

/** How much of files is stored with a write. */
export function bytesOf(contents: readonly Content[] = []): number {
  let sum = 0;
  for (const { bytes } of contents) sum += bytes.byteLength;
  return sum;
}

function hasMembers(object: object): boolean {
  for (const _ in object) return true;
  return false;
}
