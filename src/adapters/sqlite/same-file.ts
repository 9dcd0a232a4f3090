import { type BigIntStats, statSync } from 'node:fs';
import { hasCode } from '../../core/has-code.ts';

/**
 * Remembers the file that is at a path now and tells, whenever it is asked, whether it is still there. A program that has a file
 * open can go on writing to it when its name has long gone: nobody would ever find that again.
 */
export function sameFile(path: string): () => boolean {
  const first = found(path);
  return () => {
    try {
      const now = found(path);
      return now !== null && first !== null && now.ino === first.ino && now.dev === first.dev;
    } catch {
      // The disk does not answer: whether the file is there will show when it does, and what is tried meanwhile fails by itself.
      return true;
    }
  };
}

function found(path: string): BigIntStats | null {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false }) ?? null;
  } catch (error) {
    if (hasCode(error, 'ENOTDIR')) return null;
    throw error;
  }
}
