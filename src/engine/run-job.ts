import { ServiceError } from '../core/errors.ts';
import type { Job, Progress } from '../core/job.ts';
import type { Executor, ExecutorOutcome } from '../ports/executor-pool.ts';
import { type AttemptOutcome, failedAttempt } from './attempt.ts';
import { fetchInput } from './fetch-input.ts';
import type { EngineParts } from './parts.ts';
import { storeOutputs } from './store-outputs.ts';

export interface RunHooks {
  /** Aborted when the job is no longer ours or the worker stops. */
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}

/** One attempt: input to the executor's folder, run, outputs into the store. Never rejects; the executor is free again when it resolves. */
export async function runAttempt(parts: EngineParts, job: Job, executor: Executor, hooks: RunHooks): Promise<AttemptOutcome> {
  try {
    return await attempt(parts, job, executor, hooks);
  } catch (error) {
    return failedAttempt(error);
  } finally {
    await executor.release();
  }
}

async function attempt(parts: EngineParts, job: Job, executor: Executor, hooks: RunHooks): Promise<AttemptOutcome> {
  const service = parts.services.get(job.service);
  if (service === undefined) throw new ServiceError('service-unavailable', `The service ${job.service} is not installed here.`);
  const folder = await executor.prepare();
  const input = await fetchInput(parts.blobs, job.source, folder);
  if (hooks.signal.aborted) return { kind: 'aborted' };
  const { timeMs, memoryBytes } = service.limits;
  const assignment = { job: job.id, service: job.service, options: job.options, input, timeMs, memoryBytes };
  return kept(parts, job, await executor.run(assignment, hooks));
}

async function kept(parts: EngineParts, job: Job, outcome: ExecutorOutcome): Promise<AttemptOutcome> {
  if (outcome.kind !== 'done') return outcome;
  const outputs = await storeOutputs(parts, job, outcome.outputs);
  return { kind: 'done', result: JSON.stringify(outcome.result), outputs };
}
