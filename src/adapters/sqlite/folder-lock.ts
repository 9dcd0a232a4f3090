import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { openKept } from './kept-database.ts';

export interface Lock {
  release(): void;
}

export class FolderLocked extends Error {
  constructor(folder: string, cause: unknown) {
    super(`Another Coatcheck is using the data folder ${folder}. Stop it, or start this one with another folder.`, { cause });
    this.name = 'FolderLocked';
  }
}

/** Makes this process the only one that uses a folder, which must exist. Throws `FolderLocked` where another process, or this one, holds it. */
export function lockFolder(folder: string): Lock {
  return lockFile(join(folder, 'lock'), (cause) => new FolderLocked(folder, cause));
}

/**
 * Makes this process the only one that holds a file of this name, which is made. The lock is an open transaction on a small database
 * in it: the kernel drops that when the process ends, however it ends, so that no stale lock has to be cleared by hand.
 * Throws what `lockedError` makes where another process, or this one, holds it.
 */
export function lockFile(path: string, lockedError: (cause: unknown) => Error): Lock {
  const database = openKept(path, { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (error instanceof Sqlite.SqliteError && error.code.startsWith('SQLITE_BUSY')) throw lockedError(error);
    throw error;
  }
  return { release: () => void database.close() };
}
