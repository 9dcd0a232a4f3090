import { rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../../core/has-code.ts';
import { FolderSync, makeFolder } from './durable-folder.ts';

/**
 * Lays blobs out in folders by the time in their ids: `0198f3/a1/<id>`, one folder for each 65 seconds. So a folder stays
 * small, and uploads that come at once lie in one folder, whose sync they then share.
 */
export class Shards {
  readonly #root: string;
  readonly #syncs = new FolderSync();
  readonly #made = new Map<string, Promise<void>>();

  constructor(root: string) {
    this.#root = root;
  }

  /** The file of a blob. The id must have been checked to be one of ours. */
  path(id: string): string {
    return join(this.#folder(id), id);
  }

  /** Makes sure that the folder of this blob is there, and durably so. */
  make(id: string): Promise<void> {
    const folder = this.#folder(id);
    const known = this.#made.get(folder);
    if (known !== undefined) return known;
    const made = makeFolder(folder, this.#root);
    this.#made.set(folder, made);
    made.catch(() => this.#made.delete(folder));
    if (this.#made.size > foldersKnownMax) this.#forgetOldest();
    return made;
  }

  /** Looks again whether the folder is there when the next blob comes: something has taken it away. */
  forget(id: string): void {
    this.#made.delete(this.#folder(id));
  }

  /** Makes the name of this blob durable. */
  sync(id: string): Promise<void> {
    return this.#syncs.sync(this.#folder(id));
  }

  /** Takes the folder of a removed blob away if it is empty and so old that nothing more will be put there. */
  async tidy(id: string, now: number): Promise<void> {
    if (now - idTime(id) < tidyAfterMs) return;
    const folder = this.#folder(id);
    this.#made.delete(folder);
    if (await removeEmpty(folder)) await removeEmpty(join(folder, '..'));
  }

  #folder(id: string): string {
    return join(this.#root, id.slice(0, 6), id.slice(6, 8));
  }

  #forgetOldest(): void {
    for (const oldest of this.#made.keys()) {
      this.#made.delete(oldest);
      return;
    }
  }
}

/** Uploads go to the folder of the present moment; a few more for those that took long to make theirs. */
const foldersKnownMax = 8;

/** Longer than the upper folder gets new ones below it (2^24 ms, 4.7 hours). */
const tidyAfterMs = 6 * 3_600_000;

/** When an id was made, in milliseconds since the epoch (RFC 9562, section 5.7). */
export function idTime(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

async function removeEmpty(folder: string): Promise<boolean> {
  try {
    await rmdir(folder);
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOTEMPTY', 'EEXIST', 'ENOENT')) return false;
    throw error;
  }
}
