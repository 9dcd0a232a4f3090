import type { Database } from 'better-sqlite3';
import type { JobEvent, JobEventType } from '../../core/events.ts';
import type { JsonObject } from '../../core/json.ts';
import type { LogRequest } from '../../ports/job-store.ts';
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

/** Reads events from behind a position on: those of a job, of a caller, or all. There is one writer, so that positions become visible in order. */
export function eventLog(database: Database) {
  const select =
    'SELECT position, events.job, jobs.caller, service, type, at, data FROM events CROSS JOIN jobs ON jobs.id = events.job';
  const inOrder = 'ORDER BY position LIMIT ?';
  const ofJob = database.prepare<[string, number, number], EventRow>(
    `${select} WHERE events.job = ? AND position > ? ${inOrder}`,
  );
  const ofCaller = database.prepare<[string, number, number], EventRow>(
    `${select} WHERE events.caller = ? AND position > ? ${inOrder}`,
  );
  const ofAll = database.prepare<[number, number], EventRow>(`${select} WHERE position > ? ${inOrder}`);
  // What AUTOINCREMENT goes on from: the newest event itself may have been deleted.
  const end = database.prepare<[], number>("SELECT seq FROM sqlite_sequence WHERE name = 'events'").pluck();
  const eventOf = (row: EventRow): JobEvent => ({ ...row, data: parse<JsonObject>(row.data) });

  return {
    // A negative limit is none in SQLite.
    ofJob: (jobId: string, after = 0, limit = -1): JobEvent[] => ofJob.all(jobId, after, limit).map(eventOf),
    all({ caller, after, limit }: LogRequest): JobEvent[] {
      return (caller === null ? ofAll.all(after, limit) : ofCaller.all(caller, after, limit)).map(eventOf);
    },
    end: (): number => end.get() ?? 0,
  };
}
