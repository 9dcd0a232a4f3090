import { ServiceError } from '../core/errors.ts';
import type { Source } from '../core/job.ts';
import type { BlobStore } from '../ports/blob-store.ts';
import type { ExecutorFolder } from '../ports/executor-pool.ts';
import type { TaskInput } from '../ports/service.ts';

/** Puts a copy of the input into the executor's folder: a copy, so that an executor that was taken over cannot change what is stored. */
export async function fetchInput(
  blobs: BlobStore,
  source: Source | null,
  folder: ExecutorFolder,
): Promise<Omit<TaskInput, 'path'> | null> {
  if (source === null) return null;
  const { name, mediaType, bytes } = source;
  try {
    await blobs.copyTo(source.blob, folder.inputPath(mediaType));
  } catch (error) {
    if (!(error instanceof ServiceError && error.code === 'not-found')) throw error;
    throw new ServiceError('input-expired', 'The file that the job works on is no longer kept.', { cause: error });
  }
  return { name, mediaType, bytes };
}
