import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { ServiceError } from '../core/errors.ts';
import type { Job, StoredFile } from '../core/job.ts';
import { limits } from '../core/limits.ts';
import type { BlobStore } from '../ports/blob-store.ts';
import type { ExecutorOutput } from '../ports/executor-pool.ts';
import { contentOf, discard } from './contents.ts';
import type { EngineParts } from './parts.ts';
import type { ReceivedBlob } from './received.ts';

const chunkBytes = 256 * 1024;
const atOnceMax = 8;
/** Outputs of a job that are held in memory altogether. */
const takenBytesMax = 1024 ** 2;
/** An executor that was taken over could leave a link to a file of ours, or a pipe that never ends: neither is followed. */
const untrusted = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** An output with its bytes, or one that is too large for that (null) and must be read from the executor's folder. */
export interface TakenOutput {
  readonly output: ExecutorOutput;
  readonly bytes: Buffer | null;
}

/**
 * Takes small outputs out of the executor's folder, so that the executor goes on while they are stored. Synchronously: they
 * have just been written and lie in the page cache, where a detour over another thread costs more than the reading.
 */
export function takeOutputs(outputs: readonly ExecutorOutput[]): TakenOutput[] {
  let left = takenBytesMax;
  return outputs.map((output) => {
    if ('bytes' in output.content) return { output, bytes: output.content.bytes };
    const bytes = readSmall(output.content.path, output.name, left);
    left -= bytes?.length ?? 0;
    return { output, bytes };
  });
}

function readSmall(path: string, name: string, bytesMax: number): Buffer | null {
  let fd: number;
  try {
    fd = openSync(path, untrusted);
  } catch (cause) {
    throw brokenOutput(name, cause);
  }
  try {
    const found = fstatSync(fd);
    if (!found.isFile()) throw brokenOutput(name, new Error('not a plain file'));
    if (found.size > bytesMax) return null;
    const bytes = Buffer.allocUnsafe(found.size);
    return bytes.subarray(0, readSync(fd, bytes, 0, found.size, 0));
  } finally {
    closeSync(fd);
  }
}

/** An output whose record settling will commit, and its bytes where those are committed with it. */
export interface StoredOutput {
  readonly file: StoredFile;
  readonly blob: ReceivedBlob;
}

/** Copies what the task made into the blob store and makes the records that settling will commit. All of them or none. */
export async function storeOutputs(parts: EngineParts, job: Job, outputs: readonly TakenOutput[]): Promise<StoredOutput[]> {
  const files: StoredOutput[] = [];
  try {
    for (let from = 0; from < outputs.length; from += atOnceMax) {
      const stored = await Promise.allSettled(
        outputs.slice(from, from + atOnceMax).map((output) => storeOutput(parts, job, output)),
      );
      files.push(...stored.filter((each) => each.status === 'fulfilled').map((each) => each.value));
      const failed = stored.find((each) => each.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
    }
    return files;
  } catch (error) {
    await discardOutputs(parts, files);
    throw error;
  }
}

/** Takes away the bytes of outputs whose records were never committed. */
export async function discardOutputs(parts: Pick<EngineParts, 'blobs'>, outputs: readonly StoredOutput[]): Promise<void> {
  await Promise.all(outputs.map(({ blob }) => discard(parts, blob)));
}

async function storeOutput({ blobs, store, settings }: EngineParts, job: Job, taken: TakenOutput): Promise<StoredOutput> {
  const { id, name, mediaType } = taken.output;
  const blob = await storeBytes(blobs, taken);
  const now = store.now();
  const file: StoredFile = {
    id,
    caller: job.caller,
    blob: blob.id,
    name,
    mediaType,
    bytes: blob.bytes,
    sha256: blob.sha256,
    picture: null,
    createdAt: now,
    expiresAt: now + settings.resultRetentionMs,
    job: job.id,
  };
  return { file, blob };
}

async function storeBytes(blobs: BlobStore, { output, bytes }: TakenOutput): Promise<ReceivedBlob> {
  if (bytes !== null && bytes.length <= limits.contentBytesMax) return contentOf(bytes);
  const options = { bytesMax: limits.outputBytesMax };
  const stored = await (bytes === null
    ? fromFolder(output, (chunks) => blobs.put(chunks, options))
    : blobs.put(once(bytes), options));
  return { ...stored, content: null };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function fromFolder<T>(
  { content, name }: ExecutorOutput,
  use: (chunks: AsyncIterable<Uint8Array>) => Promise<T>,
): Promise<T> {
  if ('bytes' in content) throw new Error('an output has its bytes and is to be read from a file');
  const handle = await open(content.path, untrusted).catch((cause: unknown) => {
    throw brokenOutput(name, cause);
  });
  try {
    if (!(await handle.stat()).isFile()) throw brokenOutput(name, new Error('not a plain file'));
    return await use(chunksOf(handle));
  } finally {
    await handle.close();
  }
}

function brokenOutput(name: string, cause: unknown): ServiceError {
  return new ServiceError('executor-crashed', `The output ${name} was announced and not written.`, { cause });
}

async function* chunksOf(handle: FileHandle): AsyncGenerator<Uint8Array> {
  for (;;) {
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(chunkBytes), 0, chunkBytes);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}
