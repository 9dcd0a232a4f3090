import type { JobEventType, NewJobEvent } from '../core/events.ts';
import type { Job, Lease } from '../core/job.ts';
import type { JobChange } from '../ports/job-store.ts';
import type { AttemptLabel } from '../ports/metrics.ts';
import { announce } from './announce.ts';
import { type AttemptOutcome, decideOutcome } from './attempt.ts';
import { contentsOf } from './contents.ts';
import type { EngineParts } from './parts.ts';
import { filedUnder } from './reuse.ts';
import { discardOutputs } from './store-outputs.ts';

/**
 * Commits how an attempt ended, fenced by its lease: whoever lost the lease writes nothing. True if it was committed. `mayWait` where
 * nobody is kept waiting by some milliseconds more.
 */
export async function settle(
  parts: EngineParts,
  job: Job,
  lease: Lease,
  outcome: AttemptOutcome,
  mayWait = false,
): Promise<boolean> {
  const { store, settings, log, measures } = parts;
  const transition = decideOutcome(job, outcome, store.now(), settings.resultRetentionMs);
  const failed = outcome.kind === 'notStored' ? outcome.instead : outcome;
  const ended = (label: AttemptLabel) => {
    const problem = failed.kind === 'rejected' || failed.kind === 'failed' ? failed.code : null;
    measures.attemptEnded(job.service, label, (store.now() - (job.startedAt ?? store.now())) / 1000, problem);
  };
  if (transition === null) {
    ended('aborted');
    return false;
  }
  const next = outcome.kind === 'done' ? { ...transition.next, reuseKey: filedUnder(parts, job) } : transition.next;
  const event = withPeak(transition.event, outcome);
  const made = madeBy(outcome);
  if (failed.kind === 'failed' && failed.cause !== undefined) {
    log.warn(
      { traceId: job.traceId, job: job.id, service: job.service, attempt: job.attempt, err: failed.cause },
      'attempt.failed',
    );
  }
  const committed = await store.change({ next, event, fence: { lease: lease.token }, ...made, mayWait });
  ended(committed ? labelOf(event.type) : 'aborted');
  if (committed) {
    announce(parts, next, event);
  } else {
    log.warn({ traceId: job.traceId, job: job.id, service: job.service, attempt: job.attempt }, 'settle.refused');
    if (outcome.kind === 'done') await discardOutputs(parts, outcome.outputs);
  }
  return committed;
}

/** The history tells how much memory the attempt took, which is what the limits of a service are set by. */
function withPeak(event: NewJobEvent, { peakBytes }: AttemptOutcome): NewJobEvent {
  return peakBytes === undefined ? event : { ...event, data: { ...event.data, peakBytes } };
}

/** A job that fails for good may leave what was done until then as its result. */
function madeBy(outcome: AttemptOutcome): Pick<JobChange, 'result' | 'outputs' | 'contents'> {
  if (outcome.kind === 'done') {
    const { result, outputs } = outcome;
    return { result, outputs: outputs.map(({ file }) => file), ...contentsOf(outputs.map(({ blob }) => blob)) };
  }
  if (outcome.kind === 'rejected' && outcome.result !== undefined) return { result: JSON.stringify(outcome.result) };
  return {};
}

function labelOf(type: JobEventType): AttemptLabel {
  switch (type) {
    case 'job.succeeded':
      return 'succeeded';
    case 'job.failed':
      return 'failed';
    case 'job.retrying':
      return 'retrying';
    default:
      return 'released';
  }
}
