import { constants, linkSync, renameSync } from 'node:fs';
import { access, copyFile, open, opendir, readdir, rm, stat, statfs, unlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { type Clock, systemClock } from '../../core/clock.ts';
import { ServiceError } from '../../core/errors.ts';
import { hasCode } from '../../core/has-code.ts';
import { isId, newId } from '../../core/ids.ts';
import { abortable } from '../../ports/abortable.ts';
import { BlobMeter } from '../../ports/blob-meter.ts';
import type { BlobStore, StoredBlob } from '../../ports/blob-store.ts';
import { writeBlob } from './blob-writer.ts';
import { makeFolder } from './durable-folder.ts';
import { idTime, Shards } from './shards.ts';
import { storageError } from './storage-error.ts';

/** Ids in one page of `older`. */
const pageSize = 1_000;

/** A block of the disk: an empty file would need no room. */
const probeBytes = 4_096;

/** What is read at once when a blob is streamed out: a reader who is stuck holds about twice as much. */
const readBytes = 64 * 1024;

/** Keeps each blob as a file below `folder`, which is made where it is not there. Only one process may use a folder at a time. */
export async function openFilesystemBlobStore({
  folder,
  clock = systemClock,
}: {
  folder: string;
  clock?: Clock;
}): Promise<BlobStore> {
  const store = new FilesystemBlobStore(folder, clock);
  await store.make();
  return store;
}

class FilesystemBlobStore implements BlobStore {
  readonly #folder: string;
  readonly #blobs: string;
  /** In the same filesystem as the blobs, so that a finished upload can be renamed into its place. */
  readonly #uploads: string;
  readonly #shards: Shards;
  readonly #clock: Clock;

  constructor(folder: string, clock: Clock) {
    this.#folder = resolve(folder);
    this.#blobs = join(this.#folder, 'blobs');
    this.#uploads = join(this.#folder, 'uploads');
    this.#shards = new Shards(this.#blobs);
    this.#clock = clock;
  }

  async make(): Promise<void> {
    await makeFolder(this.#blobs, await firstExisting(this.#folder));
    await makeFolder(this.#uploads, this.#folder);
  }

  async put(
    source: AsyncIterable<Uint8Array>,
    { bytesMax, signal }: { bytesMax: number; signal?: AbortSignal },
  ): Promise<StoredBlob> {
    const upload = join(this.#uploads, newId());
    const meter = new BlobMeter(bytesMax);
    let stored: string | null = null;
    try {
      await writeBlob(upload, abortable(source, signal), meter);
      // The id is made only now: its time says when the blob came to be, and uploads that end together share a folder.
      const id = newId();
      await this.#shards.make(id);
      this.#place(upload, id);
      stored = id;
      await this.#shards.sync(id);
      return { id, ...meter.end() };
    } catch (error) {
      await this.#drop(stored === null ? upload : this.#shards.path(stored));
      throw storageError(error);
    }
  }

  #place(upload: string, id: string): void {
    try {
      renameSync(upload, this.#shards.path(id));
    } catch (error) {
      this.#shards.forget(id);
      throw error;
    }
  }

  async open(id: string, range?: { start: number; end: number }): Promise<Readable> {
    const handle = await this.#found(id, open(this.#path(id), 'r'));
    return handle.createReadStream({ highWaterMark: readBytes, ...range });
  }

  async placeAt(id: string, path: string): Promise<void> {
    const blob = this.#path(id);
    try {
      // A second name costs nothing, whatever the size, where both lie in one filesystem that has such names.
      if (!linked(blob, path)) await copyFile(blob, path, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw storageError(error);
      // A folder that is not there is reported in the same way as a missing blob.
      await this.#found(id, stat(blob));
      throw error;
    }
  }

  async remove(id: string): Promise<void> {
    if (!isId(id)) return;
    try {
      await unlink(this.#shards.path(id));
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error;
    }
    await this.#shards.tidy(id, this.#clock.now());
  }

  async *older(ageMs: number): AsyncIterable<string[]> {
    const madeBy = this.#clock.now() - ageMs;
    let page: string[] = [];
    for await (const id of this.#ids()) {
      if (idTime(id) > madeBy) continue;
      page.push(id);
      if (page.length < pageSize) continue;
      yield page;
      page = [];
    }
    if (page.length > 0) yield page;
  }

  async sweep(): Promise<number> {
    const leftovers = await readdir(this.#uploads);
    for (const name of leftovers) await rm(join(this.#uploads, name), { recursive: true, force: true });
    return leftovers.length;
  }

  async freeBytes(): Promise<number> {
    const { bavail, bsize } = await statfs(this.#folder);
    return bavail * bsize;
  }

  /** Writes a small file as an upload is written: only that tells of a full disk, too. */
  async check(): Promise<void> {
    const probe = join(this.#uploads, newId());
    try {
      await access(this.#blobs, constants.R_OK | constants.W_OK | constants.X_OK);
      await writeBlob(probe, Readable.from([Buffer.alloc(probeBytes)]), new BlobMeter(probeBytes));
    } catch (error) {
      throw storageError(error);
    } finally {
      await this.#drop(probe);
    }
  }

  /** What cannot be removed now is no reason to hide the error that made it useless: the sweep or the search for orphans finds it. */
  async #drop(path: string): Promise<void> {
    await rm(path, { force: true }).catch(() => {});
  }

  /** A blob that is not there is `not-found` only where the folder of all blobs is: a disk that has gone has lost nothing yet. */
  async #found<Value>(id: string, opening: Promise<Value>): Promise<Value> {
    try {
      return await opening;
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw storageError(error);
      await access(this.#blobs).catch((cause: unknown) => {
        throw storageError(cause);
      });
      throw notFound(id, error);
    }
  }

  /** Anything that is not spelled like an id of ours must never become part of a path. */
  #path(id: string): string {
    if (!isId(id)) throw notFound();
    return this.#shards.path(id);
  }

  async *#ids(): AsyncIterable<string> {
    for (const upper of (await readdir(this.#blobs)).sort()) {
      for (const lower of await namesIn(join(this.#blobs, upper))) yield* filesIn(join(this.#blobs, upper, lower));
    }
  }
}

/** False where the file cannot have a second name there. */
function linked(path: string, name: string): boolean {
  try {
    linkSync(path, name);
    return true;
  } catch (error) {
    if (hasCode(error, 'EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP', 'ENOSYS')) return false;
    throw error;
  }
}

/** The names in a folder in order; none where it has just been taken away. */
async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

/** The blobs in a folder, read bit by bit, as it may hold very many. */
async function* filesIn(folder: string): AsyncIterable<string> {
  try {
    for await (const { name } of await opendir(folder)) if (isId(name)) yield name;
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
}

/** The nearest folder at or above `folder` that is there. */
async function firstExisting(folder: string): Promise<string> {
  try {
    await access(folder);
    return folder;
  } catch (error) {
    if (!hasCode(error, 'ENOENT') || folder === dirname(folder)) throw error;
    return firstExisting(dirname(folder));
  }
}

function notFound(id?: string, cause?: unknown): ServiceError {
  return new ServiceError(
    'not-found',
    id === undefined ? 'This is no id of a stored file.' : `There are no bytes stored under ${id}.`,
    { cause },
  );
}
