import { ServiceError } from '../core/errors.ts';
import { hasEnded, type Job, type StoredFile } from '../core/job.ts';
import { findJob } from './change-job.ts';
import { findFile } from './files.ts';
import type { EngineParts } from './parts.ts';

/** Throws `job-not-finished`, `job-failed` or `job-canceled` where the job has no result. */
export function checkSucceeded({ state, error }: Job): void {
  if (state === 'failed') throw new ServiceError('job-failed', error?.detail ?? 'The job failed.');
  if (state === 'canceled') throw new ServiceError('job-canceled', 'The job was canceled.');
  if (!hasEnded(state)) throw new ServiceError('job-not-finished', `The job is ${state}.`);
}

/** A file that a succeeded job made, by its name or id; where neither is told, the only one. */
export async function findOutput(
  parts: EngineParts,
  caller: string,
  id: string,
  output: string | undefined,
): Promise<StoredFile> {
  const job = await findJob(parts, caller, id);
  checkSucceeded(job);
  if (output !== undefined && job.outputs.includes(output)) return findFile(parts, caller, output);
  const kept = (await Promise.all(job.outputs.map((file) => parts.store.getFile(file)))).filter((file) => file !== null);
  if (job.outputs.length > 0 && kept.length === 0)
    throw new ServiceError('result-expired', `The files that the job ${id} made are no longer kept.`);
  const matching = output === undefined ? kept : kept.filter(({ name }) => name === output);
  const [only] = matching;
  if (only !== undefined && matching.length === 1) return only;
  if (only === undefined && output !== undefined) throw new ServiceError('not-found', `The job ${id} made no such file.`);
  const detail = only === undefined ? 'names a job that made no file' : 'could mean several files of the job; name one by its id';
  throw new ServiceError('validation-error', `The source ${detail}.`, { fields: [{ pointer: '#/source/output', detail }] });
}
