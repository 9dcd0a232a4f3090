import type { NewJobEvent } from '../core/events.ts';
import type { Job } from '../core/job.ts';
import type { EngineParts } from './parts.ts';

type Announcing = Pick<EngineParts, 'log' | 'bus' | 'wakeUp' | 'measures'>;

/** Tells of a committed change: a line in the log, a count, a notice on the bus, and a wake-up where there is work to take. */
export function announce({ log, bus, wakeUp, measures }: Announcing, job: Job, event: NewJobEvent): void {
  const { id, caller, service, state, attempt, traceId } = job;
  log.info({ traceId, job: id, caller, service, state, attempt, ...reasonOf(event) }, event.type);
  measures.jobsChanged(service, event.type);
  bus.publish({ kind: 'changed', job: id, caller, service, state });
  if (state === 'queued') wakeUp.wake(service);
}

/** Tells of jobs that were committed together: one line for all of them, as a line each would cost more than the jobs. */
export function announceTogether({ log, bus, wakeUp, measures }: Announcing, jobs: readonly Job[], traceId: string): void {
  const services = new Map<string, number>();
  for (const { id, caller, service, state } of jobs) {
    bus.publish({ kind: 'changed', job: id, caller, service, state });
    services.set(service, (services.get(service) ?? 0) + 1);
    // A result that was known already.
    if (state === 'succeeded') measures.jobsChanged(service, 'job.succeeded');
  }
  const [first] = jobs;
  if (first === undefined) return;
  const last = jobs.at(-1)?.id;
  log.info({ traceId, caller: first.caller, services: Object.fromEntries(services), first: first.id, last }, 'jobs.queued');
  for (const [service, count] of services) {
    measures.jobsChanged(service, 'job.queued', count);
    wakeUp.wake(service);
  }
}

/** What the line of the log says besides: why, and how much memory the attempt took. */
function reasonOf({ data }: NewJobEvent): object {
  const { reason, error, peakBytes } = data;
  const peak = typeof peakBytes === 'number' ? { peakBytes } : {};
  if (typeof reason === 'string') return { reason, ...peak };
  if (error === null || typeof error !== 'object' || Array.isArray(error)) return peak;
  return { problem: error.type, detail: error.detail, ...peak };
}
