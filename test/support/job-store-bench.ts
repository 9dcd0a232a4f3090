import type { Clock } from '../../src/core/clock.ts';
import type { Job } from '../../src/core/job.ts';
import type { Transition } from '../../src/core/transitions.ts';
import type { DocumentStore } from '../../src/ports/document-store.ts';
import type { JobChange, JobStore, ServiceLane } from '../../src/ports/job-store.ts';
import type { ManualClock } from './manual-clock.ts';
import { lane, sampleJob, submissionOf } from './sample-jobs.ts';

export type OpenJobStore = (clock: Clock) => Promise<JobStore & DocumentStore>;

/** An empty store on a clock that stands still; the conformance suite puts new ones in before each test. */
export interface Bench {
  store: JobStore & DocumentStore;
  clock: ManualClock;
}

/** Submits a job and fails where it is refused. */
export async function submitted({ store }: { store: JobStore }, more: Partial<Job> = {}): Promise<Job> {
  const job = sampleJob(store.now(), more);
  const outcomes = await store.submit([submissionOf(job)]);
  if (outcomes[0] !== 'stored') throw new Error(`the job was not stored: ${outcomes[0]}`);
  return job;
}

/** Claims up to `limit` jobs of these services; a name alone is a lane without limits. */
export async function claim({ store }: { store: JobStore }, limit: number, ...lanes: (ServiceLane | string)[]): Promise<Job[]> {
  const named = lanes.map((one) => (typeof one === 'string' ? lane(one) : one));
  return (await store.claim({ lanes: named, limit, fetchesMax: 1_000, worker: 'worker-1', leaseMs: 20_000 })).jobs;
}

/** Submits a job and claims it; nothing else may wait in its service. */
export async function running(bench: { store: JobStore }, more: Partial<Job> = {}): Promise<Job> {
  const { id, service } = await submitted(bench, more);
  const job = (await claim(bench, 1, service))[0];
  if (job?.id !== id) throw new Error('another job was claimed');
  return job;
}

/** The change of a job by whoever holds its lease. */
export function leased(job: Job, { next, event }: Transition, more: Partial<JobChange> = {}): JobChange {
  return { next, event, fence: { lease: job.lease?.token ?? 'none' }, ...more };
}

/** The change of a job by someone who read it in this version. */
export function versioned(job: Job, { next, event }: Transition, more: Partial<JobChange> = {}): JobChange {
  return { next, event, fence: { version: job.version }, ...more };
}
