import { join } from 'node:path';
import Sqlite, { type Database } from 'better-sqlite3';

export interface FolderLock {
  release(): void;
}

export class FolderLocked extends Error {
  constructor(folder: string, cause: unknown) {
    super(`Another Coatcheck is using the data folder ${folder}. Stop it, or start this one with another folder.`, { cause });
    this.name = 'FolderLocked';
  }
}

// Held here: a database that nobody refers to is closed by the garbage collector, and its lock would go with it.
const held = new Set<Database>();

/**
 * Makes this process the only one that uses a folder, which must exist. The lock is an open transaction on a small database in
 * it: the kernel drops that when the process ends, however it ends, so that no stale lock has to be cleared by hand.
 * Throws `FolderLocked` where another process, or this one, holds it.
 */
export function lockFolder(folder: string): FolderLock {
  const database = new Sqlite(join(folder, 'lock'), { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (error instanceof Sqlite.SqliteError && error.code.startsWith('SQLITE_BUSY')) throw new FolderLocked(folder, error);
    throw error;
  }
  held.add(database);
  return {
    release() {
      held.delete(database);
      database.close();
    },
  };
}
