import { ServiceError } from '../core/errors.ts';
import type { Source } from '../core/job.ts';
import type { ExecutorFolder } from '../ports/executor-pool.ts';
import type { TaskInput } from '../ports/service.ts';
import { placeBlob } from './contents.ts';
import type { EngineParts } from './parts.ts';

/** Puts the input into the part of the executor's folder that a sandbox mounts read-only. */
export async function fetchInput(
  parts: Pick<EngineParts, 'blobs' | 'store'>,
  source: Source | null,
  folder: ExecutorFolder,
): Promise<Omit<TaskInput, 'path'> | null> {
  if (source === null) return null;
  const { name, mediaType, bytes, picture } = source;
  try {
    await placeBlob(parts, source, folder.inputPath(mediaType));
  } catch (error) {
    if (!(error instanceof ServiceError && error.code === 'not-found')) throw error;
    throw new ServiceError('input-expired', 'The file that the job works on is no longer kept.', { cause: error });
  }
  return { name, mediaType, bytes, picture };
}
