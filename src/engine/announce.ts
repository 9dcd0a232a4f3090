import type { NewJobEvent } from '../core/events.ts';
import type { Job } from '../core/job.ts';
import type { EngineParts } from './parts.ts';

/** Tells of a committed change: a line in the log, a notice on the bus, and a wake-up where there is work to take. */
export function announce({ log, bus, wakeUp }: Pick<EngineParts, 'log' | 'bus' | 'wakeUp'>, job: Job, event: NewJobEvent): void {
  const { id, caller, service, state, attempt, traceId } = job;
  log.info({ traceId, job: id, caller, service, state, attempt, ...reasonOf(event) }, event.type);
  bus.publish({ kind: 'changed', job: id, caller, service, state });
  if (state === 'queued') wakeUp.wake(service);
}

function reasonOf({ data }: NewJobEvent): object {
  if (typeof data.reason === 'string') return { reason: data.reason };
  const error = data.error;
  if (error === null || typeof error !== 'object' || Array.isArray(error)) return {};
  return { problem: error.type, detail: error.detail };
}
