import type { Database } from 'better-sqlite3';
import type { Clock } from '../../../core/clock.ts';
import type { DocumentEvent } from '../../../core/events.ts';
import type { JsonObject } from '../../../core/json.ts';
import type { DocumentLogRequest } from '../../../ports/document-store.ts';
import { bulkInsert } from '../bulk-insert.ts';
import { parse } from '../rows.ts';
import type { PackedEvent } from './packed-document.ts';

/** An event that is about to be written. */
export interface UnplacedEvent extends PackedEvent {
  readonly collection: string;
  readonly id: string | null;
  readonly number: number | null;
}

export interface DocumentEventRow {
  position: number;
  collection: string;
  document: string | null;
  number: number | null;
  type: string;
  at: number;
  data: string;
}

/** The events of documents. Their positions come from the sequence of the events of jobs, with which they are one log. */
export function documentLog(database: Database, clock: Clock) {
  const statements = prepare(database);
  const insert = bulkInsert(database, 'document_events', ['position', 'collection', 'document', 'number', 'type', 'at', 'data']);

  return {
    append(events: readonly UnplacedEvent[]): void {
      if (events.length === 0) return;
      const last = statements.takePositions.get(events.length);
      if (last === undefined) throw new Error('the sequence of the log is gone');
      const first = last - events.length + 1;
      const now = clock.now();
      insert(events.map(({ collection, id, number, type, data }, at) => [first + at, collection, id, number, type, now, data]));
    },

    of: ({ collection, after, limit }: DocumentLogRequest): DocumentEvent[] =>
      statements.ofCollection.all(collection, after, limit).map(documentEventOf),

    pruned: (): number => statements.pruned.get() ?? 0,

    /** Removes the oldest ones, up to the first that is not as old as that. */
    prune(limit: number, keepMs: number): number {
      const until = clock.now() - keepMs;
      const oldest = statements.oldest.all(limit);
      const young = oldest.findIndex(({ at }) => at > until);
      const past = young === -1 ? oldest : oldest.slice(0, young);
      const last = past.at(-1);
      if (last === undefined) return 0;
      statements.notePruned.run(last.position);
      return statements.delete.run(last.position).changes;
    },
  };
}

export function documentEventOf(row: DocumentEventRow): DocumentEvent {
  const { position, collection, document, number, type, at, data } = row;
  return { type, data: parse<JsonObject>(data), position, collection, id: document, number, at };
}

function prepare(database: Database) {
  return {
    takePositions: database
      .prepare<[number], number>("UPDATE sqlite_sequence SET seq = seq + ? WHERE name = 'events' RETURNING seq")
      .pluck(),
    ofCollection: database.prepare<[string, number, number], DocumentEventRow>(
      'SELECT * FROM document_events WHERE collection = ? AND position > ? ORDER BY position LIMIT ?',
    ),
    pruned: database.prepare<[], number>('SELECT pruned FROM document_log').pluck(),
    notePruned: database.prepare('UPDATE document_log SET pruned = ?'),
    oldest: database.prepare<[number], { position: number; at: number }>(
      'SELECT position, at FROM document_events ORDER BY position LIMIT ?',
    ),
    delete: database.prepare('DELETE FROM document_events WHERE position <= ?'),
  };
}
