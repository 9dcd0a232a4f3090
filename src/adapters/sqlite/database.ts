import Sqlite, { type Database } from 'better-sqlite3';
import { migrations } from './schema.ts';

/** Opens the file (or `:memory:`), makes every commit survive a power failure, and brings the tables up to date. */
export function openDatabase(path: string): Database {
  const database = new Sqlite(path, { timeout: 5_000 });
  try {
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    database.pragma('foreign_keys = ON');
    // The log is cut back after a burst, so that it does not keep its largest size for ever.
    database.pragma(`journal_size_limit = ${64 * 1024 ** 2}`);
    database.pragma('cache_size = -16384');
    migrate(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function migrate(database: Database): void {
  const step = database.transaction(() => {
    // Read inside the transaction: another process may have migrated the file just now.
    const version = Number(database.pragma('user_version', { simple: true }));
    if (version > migrations.length) {
      throw new Error(
        `The database ${database.name} has schema ${version}, made by a newer Coatcheck; this one knows up to ${migrations.length}. ` +
          'Start the newer version, or use another data folder.',
      );
    }
    const migration = migrations[version];
    if (migration === undefined) return false;
    database.exec(migration);
    database.pragma(`user_version = ${version + 1}`);
    return true;
  });
  while (step.immediate());
}
