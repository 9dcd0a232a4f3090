import { closeSync, openSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite, { type Database } from 'better-sqlite3';
import { hasCode } from '../../core/has-code.ts';
import { openKept } from './kept-database.ts';

export interface Lock {
  release(): void;
  /** Releases it and leaves no file behind. */
  remove(): void;
}

export class FolderLocked extends Error {
  constructor(folder: string, cause: unknown) {
    super(`Another Coatcheck is using the data folder ${folder}. Stop it, or start this one with another folder (--data).`, {
      cause,
    });
    this.name = 'FolderLocked';
  }
}

/** The file by which a data folder is locked. */
export function folderLockPath(folder: string): string {
  return join(folder, 'lock');
}

/** Makes this process the only one that uses a folder, which must exist. Throws `FolderLocked` where another process, or this one, holds it. */
export function lockFolder(folder: string): Lock {
  return lockFile(folderLockPath(folder), (cause) => new FolderLocked(folder, cause));
}

/** So often the file may be taken away from under us, by who held the lock just before, until it counts as held. */
const triesMax = 100;

/**
 * Makes this process the only one that holds a file of this name, which is made. The lock is an open transaction on a small database
 * in it: the kernel drops that when the process ends, however it ends, so that no stale lock has to be cleared by hand.
 * Throws what `lockedError` makes where another process, or this one, holds it.
 */
export function lockFile(path: string, lockedError: (cause: unknown) => Error): Lock {
  for (let tries = 1; ; tries += 1) {
    const before = fileAt(path) ?? made(path);
    const database = openKept(path, { timeout: 0 });
    const fault = begun(database);
    // Who opened the file before its holder took it away has locked a file that nobody else will find.
    if (before !== null && fileAt(path) === before) {
      if (fault === null) return lockOn(path, database);
      database.close();
      if (fault instanceof Sqlite.SqliteError && fault.code.startsWith('SQLITE_BUSY')) throw lockedError(fault);
      throw fault;
    }
    database.close();
    if (tries === triesMax) throw lockedError(fault);
  }
}

function begun(database: Database): unknown {
  try {
    database.exec('BEGIN EXCLUSIVE');
    return null;
  } catch (error) {
    return error;
  }
}

function lockOn(path: string, database: Database): Lock {
  const release = () => void database.close();
  return {
    release,
    remove() {
      // While it is held: who comes later makes a file anew, and who has opened this one notices.
      rmSync(path, { force: true });
      release();
    },
  };
}

/** Which file it is that has the name: another one has another birth, even where it got the same number. Null where there is none. */
function fileAt(path: string): string | null {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? null : `${found.dev} ${found.ino} ${found.birthtimeNs}`;
}

/** Makes the file where it is not there; null where it is gone again. To close it drops no lock: nobody has locked a file this new. */
function made(path: string): string | null {
  try {
    closeSync(openSync(path, 'wx', 0o644));
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  }
  return fileAt(path);
}
