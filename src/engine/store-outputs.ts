import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { ServiceError } from '../core/errors.ts';
import type { Job, StoredFile } from '../core/job.ts';
import { limits } from '../core/limits.ts';
import type { ExecutorOutput } from '../ports/executor-pool.ts';
import type { EngineParts } from './parts.ts';

const chunkBytes = 256 * 1024;
const atOnceMax = 8;

/** Copies what the task wrote into the blob store and makes the records that settling will commit. All of them or none. */
export async function storeOutputs(parts: EngineParts, job: Job, outputs: readonly ExecutorOutput[]): Promise<StoredFile[]> {
  const files: StoredFile[] = [];
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
export async function discardOutputs({ blobs }: Pick<EngineParts, 'blobs'>, files: readonly StoredFile[]): Promise<void> {
  await Promise.all(files.map(({ blob }) => blobs.remove(blob)));
}

async function storeOutput({ blobs, store, settings }: EngineParts, job: Job, output: ExecutorOutput): Promise<StoredFile> {
  const handle = await openPlainFile(output);
  try {
    const blob = await blobs.put(chunksOf(handle), { bytesMax: limits.outputBytesMax });
    const { id, name, mediaType } = output;
    const now = store.now();
    const times = { createdAt: now, expiresAt: now + settings.resultRetentionMs };
    return {
      id,
      caller: job.caller,
      blob: blob.id,
      name,
      mediaType,
      bytes: blob.bytes,
      sha256: blob.sha256,
      picture: null,
      ...times,
      job: job.id,
    };
  } finally {
    await handle.close();
  }
}

/** An executor that was taken over could leave a link to a file of ours, or a pipe that never ends: neither is followed. */
async function openPlainFile({ path, name }: ExecutorOutput): Promise<FileHandle> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const handle = await open(path, flags).catch((cause: unknown) => {
    throw brokenOutput(name, cause);
  });
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  throw brokenOutput(name, new Error('not a plain file'));
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
