import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Database } from 'better-sqlite3';
import { ServiceError } from '../../core/errors.ts';
import { sameFile } from './same-file.ts';
import { migrations } from './schema.ts';

/** A check that throws once the file of the database is no longer where it was opened: what is committed then would be lost. */
export function unmoved(database: Database): () => void {
  if (database.memory) return () => {};
  const isThere = sameFile(database.name);
  return () => {
    if (isThere()) return;
    throw new ServiceError('service-unavailable', 'The file of the database is no longer in its place.', {
      retryAfterSeconds: 5,
    });
  };
}

/** A write that changes nothing and needs the disk all the same: the number of the schema as it is. */
export function touching(database: Database): () => void {
  const touch = database.prepare(`PRAGMA user_version = ${migrations.length}`);
  // SQLite counts this one as a change, though it writes nothing, and the other not.
  const count = database.prepare('UPDATE document_log SET pruned = pruned');
  return () => {
    touch.run();
    count.run();
  };
}

/** Bytes that are free where the database lies; null where that is memory. */
export async function freeBytesBeside({ memory, name }: Database): Promise<number | null> {
  if (memory) return null;
  try {
    const { bavail, bsize } = await statfs(dirname(name));
    return bavail * bsize;
  } catch (error) {
    throw new ServiceError('service-unavailable', 'The folder of the database does not answer.', { cause: error });
  }
}
