import { type Lock, lockFile } from '../adapters/sqlite/folder-lock.ts';

class OwnFileLocked extends Error {}

/** Makes this process the only one that uses a file, until it releases it or ends, however; null where another one does. */
export function lockOwnFile(path: string): Lock | null {
  try {
    return lockFile(`${path}.lock`, () => new OwnFileLocked());
  } catch (error) {
    if (error instanceof OwnFileLocked) return null;
    throw error;
  }
}
