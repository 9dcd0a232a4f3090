import type { Database } from 'better-sqlite3';
import type { Clock } from '../../core/clock.ts';
import type { Job, StoredFile } from '../../core/job.ts';
import type { Content } from '../../ports/job-store.ts';
import { type FileRow, fileOf, fileRowOf } from './rows.ts';
import { isActive } from './schema.ts';

export type FilesTable = ReturnType<typeof filesTable>;

/** A file lives on past its time while a queued or running job needs it. */
const inUse = `EXISTS (SELECT 1 FROM jobs WHERE source_file = files.id AND ${isActive})`;

/** Reading and writing records of files. Writes belong into a transaction of the caller. */
export function filesTable(database: Database, clock: Clock) {
  const statements = prepare(database);

  function get(id: string): StoredFile | null {
    const row = statements.get.get(id, clock.now());
    return row === undefined ? null : fileOf(row);
  }

  return {
    get,
    insert: (file: StoredFile): void => void statements.insert.run(fileRowOf(file)),

    keep: ({ blob, bytes }: Content): void => void statements.keep.run(blob, bytes),
    content: (blob: string): Uint8Array | null => statements.content.get(blob) ?? null,
    /** False where the bytes do not lie here. */
    drop: (blob: string): boolean => statements.drop.run(blob).changes > 0,

    /** Ends the time of one file. */
    expire(id: string): 'expired' | 'in-use' | 'absent' {
      if (get(id) === null) return 'absent';
      return statements.expire.run(clock.now(), id).changes > 0 ? 'expired' : 'in-use';
    },

    /** The files that came with a job or that it made go when its result goes. */
    followJob: (job: Job): void => void statements.followJob.run(job.expiresAt, job.id),
    expireOfJob: (jobId: string): void => void statements.expireOfJob.run(clock.now(), jobId),

    expired: (limit: number): { id: string; blob: string }[] => statements.expired.all(clock.now(), limit),
    delete: (id: string): void => void statements.delete.run(id),
    isReferred: (blob: string): boolean => statements.isReferred.get(blob) !== undefined,
  };
}

function prepare(database: Database) {
  return {
    get: database.prepare<[string, number], FileRow>(`SELECT * FROM files WHERE id = ? AND (expires_at > ? OR ${inUse})`),
    insert: database.prepare(
      `INSERT INTO files (id, caller, blob, name, media_type, bytes, sha256, picture, created_at, expires_at, job)
       VALUES (@id, @caller, @blob, @name, @media_type, @bytes, @sha256, @picture, @created_at, @expires_at, @job)`,
    ),
    expire: database.prepare(`UPDATE files SET expires_at = ? WHERE id = ? AND NOT ${inUse}`),
    followJob: database.prepare('UPDATE files SET expires_at = ? WHERE job = ?'),
    expireOfJob: database.prepare('UPDATE files SET expires_at = min(expires_at, ?) WHERE job = ?'),
    expired: database.prepare<[number, number], { id: string; blob: string }>(
      `SELECT id, blob FROM files WHERE expires_at <= ? AND NOT ${inUse} ORDER BY expires_at LIMIT ?`,
    ),
    delete: database.prepare('DELETE FROM files WHERE id = ?'),
    keep: database.prepare('INSERT INTO contents VALUES (?, ?)'),
    // pluck() gives the column itself, which the types of the library cannot say.
    content: database.prepare<[string], Buffer>('SELECT bytes FROM contents WHERE blob = ?').pluck(),
    drop: database.prepare('DELETE FROM contents WHERE blob = ?'),
    isReferred: database.prepare('SELECT 1 FROM files WHERE blob = ? LIMIT 1'),
  };
}
