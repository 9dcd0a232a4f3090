import type { Database } from 'better-sqlite3';
import { openKept } from './kept-database.ts';
import { migrations } from './schema.ts';

/** Opens the file (or `:memory:`), makes every commit survive a power failure, and brings the tables up to date. */
export function openDatabase(path: string): Database {
  const database = openKept(path, { timeout: 5_000 });
  try {
    database.exec('PRAGMA journal_mode = WAL');
    database.exec('PRAGMA synchronous = FULL');
    database.exec('PRAGMA foreign_keys = ON');
    // The log is cut back after a burst, so that it does not keep its largest size for ever.
    database.exec(`PRAGMA journal_size_limit = ${64 * 1024 ** 2}`);
    database.exec('PRAGMA cache_size = -16384');
    // What a statement with triggers must be able to undo is else written to a file: half of the time of a large transaction.
    database.exec('PRAGMA temp_store = MEMORY');
    migrate(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function migrate(database: Database): void {
  const readVersion = database.prepare<[], { user_version: number }>('PRAGMA user_version');
  for (let goesOn = true; goesOn; ) {
    database.exec('BEGIN IMMEDIATE');
    try {
      // Read inside the transaction: another process may have migrated the file just now.
      goesOn = migrateOnce(database, readVersion.get()?.user_version ?? 0);
      database.exec('COMMIT');
    } catch (error) {
      if (database.inTransaction) database.exec('ROLLBACK');
      throw error;
    }
  }
}

/** False where the tables are up to date. */
function migrateOnce(database: Database, version: number): boolean {
  if (version > migrations.length) {
    throw new Error(
      `The database ${database.name} has schema ${version}, made by a newer Coatcheck; this one knows up to ${migrations.length}. ` +
        'Start the newer version, or use another data folder.',
    );
  }
  const migration = migrations[version];
  if (migration === undefined) return false;
  database.exec(migration);
  database.exec(`PRAGMA user_version = ${version + 1}`);
  return true;
}
