import { ServiceError } from '../core/errors.ts';
import type { Job } from '../core/job.ts';
import type { AssignmentHooks, Executor, ExecutorOutcome } from '../ports/executor-pool.ts';
import { type AttemptOutcome, failedAttempt, orNotStored } from './attempt.ts';
import { fetchInput } from './fetch-input.ts';
import type { EngineParts } from './parts.ts';
import { storeOutputs, takeOutputs } from './store-outputs.ts';

/** `signal` is aborted when the job is no longer ours or the worker stops. */
export interface RunHooks extends AssignmentHooks {
  /** W3C Trace Context of the attempt. */
  readonly traceparent: string;
  /** The executor is idle again. */
  readonly onFree: () => void;
}

type Unbegun = Extract<ExecutorOutcome, { readonly kind: 'unbegun' }>;

/**
 * One attempt: input to the executor's folder, run, outputs into the store. Never rejects. The executor is given back as soon
 * as nothing in its folder is needed any more, which `onFree` tells; at the latest when this resolves. `unbegun` is no attempt.
 */
export async function runAttempt(
  parts: EngineParts,
  job: Job,
  executor: Executor,
  hooks: RunHooks,
): Promise<AttemptOutcome | Unbegun> {
  let isFree = false;
  const free = async () => {
    if (isFree) return;
    isFree = true;
    await executor.release();
    hooks.onFree();
  };
  try {
    const outcome = await run(parts, job, executor, hooks);
    if (outcome.kind !== 'done') return await orNotStored(parts, outcome);
    const taken = takeOutputs(outcome.outputs);
    if (taken.every(({ bytes }) => bytes !== null)) await free();
    const outputs = await storeOutputs(parts, job, taken);
    return { ...outcome, result: JSON.stringify(outcome.result), outputs };
  } catch (error) {
    return await orNotStored(parts, failedAttempt(error));
  } finally {
    await free();
  }
}

async function run(parts: EngineParts, job: Job, executor: Executor, hooks: RunHooks): Promise<ExecutorOutcome> {
  const service = parts.services.get(job.service);
  if (service === undefined) throw new ServiceError('service-unavailable', `The service ${job.service} is not installed here.`);
  const folder = await executor.prepare();
  const input = await fetchInput(parts, job.source, folder).catch((error: unknown) => {
    if (!folder.isLost()) throw error;
    return null;
  });
  if (hooks.signal.aborted) return { kind: 'aborted' };
  const { timeMs, silenceMs = timeMs, memoryBytes } = service.limits;
  const { id, options } = job;
  const { traceparent } = hooks;
  return executor.run({ job: id, service: service.name, traceparent, options, input, timeMs, silenceMs, memoryBytes }, hooks);
}
