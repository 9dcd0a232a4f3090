import type { Database } from 'better-sqlite3';
import type { JobEvent, JobEventType } from '../../core/events.ts';
import type { JsonObject } from '../../core/json.ts';
import { parse } from './rows.ts';

interface EventRow {
  position: number;
  job: string;
  caller: string;
  service: string;
  type: JobEventType;
  at: number;
  data: string;
}

/** Reads the history of a job from behind a position on. */
export function eventLog(database: Database) {
  const select = database.prepare<[string, number, number], EventRow>(
    `SELECT position, events.job, caller, service, type, at, data FROM events CROSS JOIN jobs ON jobs.id = events.job
     WHERE events.job = ? AND position > ? ORDER BY position LIMIT ?`,
  );
  // A negative limit is none in SQLite.
  return (jobId: string, after = 0, limit = -1): JobEvent[] =>
    select.all(jobId, after, limit).map((row) => ({ ...row, data: parse<JsonObject>(row.data) }));
}
