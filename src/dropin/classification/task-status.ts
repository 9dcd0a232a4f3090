import { ServiceError } from '../../core/errors.ts';
import type { JobState } from '../../core/job.ts';
import type { Engine } from '../../engine/engine.ts';

/** How the status of a job is told: in the words of rq. */
export interface TaskStatus {
  readonly task_status: string;
  /** Labels with their percents, the most likely first; null until there are some. */
  readonly data: readonly (readonly [label: string, percent: number])[] | null;
  /** Why there are none. */
  readonly error?: string;
}

const words: Readonly<Record<JobState, string>> = {
  queued: 'queued',
  running: 'started',
  succeeded: 'finished',
  failed: 'failed',
  canceled: 'canceled',
};

/** Throws `not-found` for what is no classification of the caller, and `result-expired`. */
export async function taskStatus(engine: Engine, service: string, caller: string, id: string): Promise<TaskStatus> {
  const job = await engine.job(caller, id).catch((error: unknown) => {
    if (error instanceof ServiceError && error.code === 'not-found') return null;
    throw error;
  });
  if (job?.service !== service) throw new ServiceError('not-found', 'There is no classification with this id.');
  const status = { task_status: words[job.state], data: null };
  if (job.state === 'failed') return { ...status, error: job.error?.detail ?? 'It failed.' };
  if (job.state === 'canceled') return { ...status, error: 'The job was canceled.' };
  if (job.state !== 'succeeded') return status;
  // As the contract of the service has it.
  const { labels }: { labels: readonly { label: string; score: number }[] } = JSON.parse(await engine.result(caller, id));
  return { ...status, data: labels.map(({ label, score }) => [label, score * 100]) };
}
