import Database from 'better-sqlite3';
import { ServiceError } from '../../core/errors.ts';

/** Conditions of the database as a whole, as against a statement that is wrong: whatever else is tried now fails as well. */
const unavailable = [
  'SQLITE_BUSY',
  'SQLITE_LOCKED',
  'SQLITE_IOERR',
  'SQLITE_CANTOPEN',
  'SQLITE_READONLY',
  'SQLITE_NOMEM',
  'SQLITE_CORRUPT',
  'SQLITE_NOTADB',
];

/** What the caller hears of an error of SQLite; null where the error is of one statement only. */
export function outage(error: unknown): ServiceError | null {
  if (error instanceof ServiceError) return error;
  if (!(error instanceof Database.SqliteError)) return null;
  if (error.code.startsWith('SQLITE_FULL')) {
    return new ServiceError('insufficient-storage', 'There is no room left where the database lies.', { cause: error });
  }
  if (!unavailable.some((code) => error.code.startsWith(code))) return null;
  return new ServiceError('service-unavailable', 'The database does not answer.', { cause: error, retryAfterSeconds: 5 });
}

export function databaseClosed(): ServiceError {
  return new ServiceError('service-unavailable', 'The database is closed.');
}
