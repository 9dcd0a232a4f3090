import { ServiceError } from '../core/errors.ts';
import { hasEnded, type Job } from '../core/job.ts';
import { cancel, startOver } from '../core/transitions.ts';
import type { KeptAnswer } from '../ports/job-store.ts';
import { changeJob, findJob } from './change-job.ts';
import type { EngineParts } from './parts.ts';

/** Committed at once; the worker that runs the job hears of it by the bus or at its next heartbeat and stops its executor. */
export function cancelJob(parts: EngineParts, caller: string, id: string): Promise<Job> {
  return changeJob(
    parts,
    () => findJob(parts, caller, id),
    (job) => {
      if (job.state === 'canceled') return null;
      if (hasEnded(job.state)) throw new ServiceError('job-not-cancellable', `The job has already ${job.state}.`);
      return cancel(job, parts.store.now(), parts.settings.resultRetentionMs);
    },
  );
}

/** A failed or canceled job runs again on its stored input. */
export async function retryJob(parts: EngineParts, caller: string, id: string, answer?: (job: Job) => KeptAnswer): Promise<Job> {
  const { source } = await findJob(parts, caller, id);
  if (source !== null && (await parts.store.getFile(source.file)) === null) {
    throw new ServiceError('input-expired', 'The file that the job worked on is no longer kept.');
  }
  return changeJob(
    parts,
    () => findJob(parts, caller, id),
    (job) => {
      if (job.state !== 'failed' && job.state !== 'canceled') {
        throw new ServiceError('job-not-retryable', `The job is ${job.state}; only a failed or canceled job can run again.`);
      }
      return startOver(job, parts.store.now());
    },
    answer,
  );
}

/** Takes a job away for good, its files too; an active one is canceled first. */
export async function removeJob(parts: EngineParts, caller: string, id: string): Promise<void> {
  for (;;) {
    const found = await findJob(parts, caller, id);
    const job = hasEnded(found.state) ? found : await cancelUnlessEnded(parts, caller, id);
    if (await parts.store.remove(id, job.version)) {
      parts.bus.publish({ kind: 'removed', job: id, caller, service: job.service });
      parts.log.info({ traceId: job.traceId, job: id, caller, service: job.service }, 'job.removed');
      return;
    }
  }
}

/** Somebody else may end the job in between, which serves as well. */
async function cancelUnlessEnded(parts: EngineParts, caller: string, id: string): Promise<Job> {
  try {
    return await cancelJob(parts, caller, id);
  } catch (error) {
    if (error instanceof ServiceError && error.code === 'job-not-cancellable') return findJob(parts, caller, id);
    throw error;
  }
}
