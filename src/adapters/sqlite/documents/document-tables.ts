import type { Database } from 'better-sqlite3';
import type { Clock } from '../../../core/clock.ts';
import { collectionsTable } from './collections.ts';
import { documentLog } from './document-log.ts';
import { documentsTable } from './documents-table.ts';
import { lists } from './lists.ts';

export type DocumentTables = ReturnType<typeof documentTables>;

/** All tables that documents stand in. */
export function documentTables(database: Database, clock: Clock) {
  return {
    collections: collectionsTable(database),
    documents: documentsTable(database),
    lists: lists(database),
    log: documentLog(database, clock),
  };
}
