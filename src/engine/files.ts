import { ServiceError } from '../core/errors.ts';
import { newId } from '../core/ids.ts';
import type { Source, StoredFile } from '../core/job.ts';
import type { KeptAnswer } from '../ports/job-store.ts';
import { contentsOf } from './contents.ts';
import type { EngineParts } from './parts.ts';
import type { NewInput } from './received.ts';
import { reservationLost } from './reservation-lost.ts';

/** The record of bytes that have just come in. `job` is the one they came with. */
export function newFile(caller: string, input: NewInput, now: number, expiresAt: number, job: string | null): StoredFile {
  const { blob, name, mediaType, picture } = input;
  return {
    id: newId(),
    caller,
    blob: blob.id,
    name,
    mediaType,
    bytes: blob.bytes,
    sha256: blob.sha256,
    picture,
    createdAt: now,
    expiresAt,
    job,
  };
}

/** A file as what a job works on. */
export function sourceOf({ id, blob, name, mediaType, bytes, sha256, picture }: StoredFile): Source {
  return { file: id, blob, name, mediaType, bytes, sha256, picture };
}

export async function storeFile(
  { store, settings }: EngineParts,
  caller: string,
  input: NewInput,
  answer?: (file: StoredFile) => KeptAnswer,
): Promise<StoredFile> {
  const now = store.now();
  const file = newFile(caller, input, now, now + settings.fileRetentionMs, null);
  const [content] = contentsOf([input.blob]).contents ?? [];
  if (await store.insertFile(file, answer?.(file), content)) return file;
  throw reservationLost();
}

/** The caller's file; another's and an unknown one are the same `not-found`. */
export async function findFile({ store }: Pick<EngineParts, 'store'>, caller: string, id: string): Promise<StoredFile> {
  const file = await store.getFile(id);
  if (file === null || file.caller !== caller) throw new ServiceError('not-found', `There is no file ${id}.`);
  return file;
}

export async function removeFile(parts: EngineParts, caller: string, id: string): Promise<void> {
  await findFile(parts, caller, id);
  if ((await parts.store.expireFile(id)) === 'in-use') {
    throw new ServiceError('resource-in-use', `A job that is not finished uses the file ${id}.`);
  }
}
