import type { Database } from 'better-sqlite3';
import type { JobEvent, JobEventType, LogEvent } from '../../core/events.ts';
import type { JsonObject } from '../../core/json.ts';
import type { LogRequest } from '../../ports/job-store.ts';
import { type DocumentEventRow, documentEventOf } from './documents/document-log.ts';
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

/** A line of the whole log; one that tells of a document has no job. */
type LogRow = EventRow | (DocumentEventRow & { job: null });

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
  // One statement: two would see the log at two moments, and what was committed between them could be passed over.
  const ofAll = database.prepare<[number, number, number], LogRow>(
    `SELECT position, events.job, jobs.caller, service, type, at, data, NULL AS collection, NULL AS document, NULL AS number
     FROM events CROSS JOIN jobs ON jobs.id = events.job WHERE position > ?
     UNION ALL SELECT position, NULL, NULL, NULL, type, at, data, collection, document, number
     FROM document_events WHERE position > ? ${inOrder}`,
  );
  // What AUTOINCREMENT goes on from: the newest event itself may have been deleted.
  const end = database.prepare<[], number>("SELECT seq FROM sqlite_sequence WHERE name = 'events'").pluck();
  const eventOf = ({ position, job, caller, service, type, at, data }: EventRow): JobEvent => {
    return { position, job, caller, service, type, at, data: parse<JsonObject>(data) };
  };
  const logEventOf = (row: LogRow): LogEvent => (row.job === null ? documentEventOf(row) : eventOf(row));

  return {
    // A negative limit is none in SQLite.
    ofJob: (jobId: string, after = 0, limit = -1): JobEvent[] => ofJob.all(jobId, after, limit).map(eventOf),
    ofCaller: ({ caller, after, limit }: LogRequest): JobEvent[] => ofCaller.all(caller, after, limit).map(eventOf),
    all: ({ after, limit }: Omit<LogRequest, 'caller'>): LogEvent[] => ofAll.all(after, after, limit).map(logEventOf),
    end: (): number => end.get() ?? 0,
  };
}
