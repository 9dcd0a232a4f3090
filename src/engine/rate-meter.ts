import type { Clock } from '../core/clock.ts';
import { type JobState, jobStates } from '../core/job.ts';
import type { EventBus } from '../ports/event-bus.ts';

/** Jobs a minute that came to each state. */
export type Rates = Readonly<Record<JobState, number>>;

export const rateMinutes = 5;
const bucketMs = 10_000;
const bucketsMax = (rateMinutes * 60_000) / bucketMs;

interface Bucket {
  /** Number of the stretch of time, counted from the epoch. */
  at: number;
  readonly counts: Record<JobState, number>;
}

/**
 * Counts what the bus tells of every process, in stretches of ten seconds, and so says how much was done a minute over the last
 * five. Nothing is kept: a process that has just started knows of the time since its start.
 */
export function createRateMeter({ bus, clock }: { bus: EventBus; clock: Clock }): (service: string) => Rates {
  const services = new Map<string, Bucket[]>();
  const begunAt = clock.now();

  function bucketOf(service: string): Bucket {
    const buckets = services.get(service) ?? [];
    if (buckets.length === 0) services.set(service, buckets);
    const at = Math.floor(clock.now() / bucketMs);
    const last = buckets.at(-1);
    if (last !== undefined && last.at >= at) return last;
    const bucket = { at, counts: noCounts() };
    buckets.push(bucket);
    if (buckets.length > bucketsMax) buckets.shift();
    return bucket;
  }

  bus.subscribe((notice) => {
    if (notice.kind === 'changed') bucketOf(notice.service).counts[notice.state] += 1;
  });

  return (service) => {
    const since = Math.floor(clock.now() / bucketMs) - bucketsMax;
    const recent = (services.get(service) ?? []).filter(({ at }) => at > since);
    const minutes = Math.min(rateMinutes, Math.max(1, (clock.now() - begunAt) / 60_000));
    const rates = noCounts();
    for (const state of jobStates) {
      const jobs = recent.reduce((sum, { counts }) => sum + counts[state], 0);
      rates[state] = Math.round((jobs / minutes) * 10) / 10;
    }
    return rates;
  };
}

function noCounts(): Record<JobState, number> {
  return { queued: 0, running: 0, succeeded: 0, failed: 0, canceled: 0 };
}
