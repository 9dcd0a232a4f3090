import { closeSync, fsync, openSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { hasCode } from '../../core/has-code.ts';

const sync = promisify(fsync);

/** Syncs folders, so that names in them survive a power failure; callers that come while one sync runs share the next. */
export class FolderSync {
  readonly #running = new Map<string, { current: Promise<void>; next: Promise<void> | null }>();

  /** Resolves once a sync that began after this call is done. */
  sync(folder: string): Promise<void> {
    const turn = this.#running.get(folder);
    if (turn === undefined) return this.#start(folder);
    turn.next ??= turn.current.then(
      () => this.#start(folder),
      () => this.#start(folder),
    );
    return turn.next;
  }

  #start(folder: string): Promise<void> {
    const turn = { current: syncFolder(folder), next: null };
    this.#running.set(folder, turn);
    const end = () => {
      if (turn.next === null) this.#running.delete(folder);
    };
    turn.current.then(end, end);
    return turn.current;
  }
}

/**
 * Makes a folder and those above it below `top`, and syncs each name, also of those that were there: their sync may have been cut
 * off. `top` itself is never made: where it has gone, it may come back, and must find its place free.
 */
export async function makeFolder(folder: string, top: string): Promise<void> {
  const above = dirname(folder);
  if (above !== top && above !== folder) await makeFolder(above, top);
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  }
  await syncFolder(above);
}

/** Makes the names in a folder durable. */
export async function syncFolder(folder: string): Promise<void> {
  const fd = openSync(folder, 'r');
  try {
    await sync(fd);
  } finally {
    closeSync(fd);
  }
}
