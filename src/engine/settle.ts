import type { Job, Lease } from '../core/job.ts';
import type { JobChange } from '../ports/job-store.ts';
import { announce } from './announce.ts';
import { type AttemptOutcome, decideOutcome } from './attempt.ts';
import { contentsOf } from './contents.ts';
import type { EngineParts } from './parts.ts';
import { discardOutputs, type StoredOutput } from './store-outputs.ts';

/** Commits how an attempt ended, fenced by its lease: whoever lost the lease writes nothing. True if it was committed. */
export async function settle(parts: EngineParts, job: Job, lease: Lease, outcome: AttemptOutcome): Promise<boolean> {
  const { store, settings, log } = parts;
  const transition = decideOutcome(job, outcome, store.now(), settings.resultRetentionMs);
  if (transition === null) return false;
  const { next, event } = transition;
  const made = outcome.kind === 'done' ? madeBy(outcome.result, outcome.outputs) : {};
  if (outcome.kind === 'failed' && outcome.cause !== undefined) {
    log.warn(
      { traceId: job.traceId, job: job.id, service: job.service, attempt: job.attempt, err: outcome.cause },
      'attempt.failed',
    );
  }
  const committed = await store.change({ next, event, fence: { lease: lease.token }, ...made });
  if (committed) {
    announce(parts, next, event);
  } else {
    log.warn({ traceId: job.traceId, job: job.id, service: job.service, attempt: job.attempt }, 'settle.refused');
    if (outcome.kind === 'done') await discardOutputs(parts, outcome.outputs);
  }
  return committed;
}

function madeBy(result: string, outputs: readonly StoredOutput[]): Pick<JobChange, 'result' | 'outputs' | 'contents'> {
  return { result, outputs: outputs.map(({ file }) => file), ...contentsOf(outputs.map(({ blob }) => blob)) };
}
