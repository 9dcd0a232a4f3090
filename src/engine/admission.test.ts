import { beforeEach, describe, expect, test } from 'vitest';
import { testSettings } from '../../test/support/engine.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { sampleJob, submissionOf } from '../../test/support/sample-jobs.ts';
import { createMemoryEventBus } from '../adapters/memory/event-bus.ts';
import { createMemoryJobStore } from '../adapters/memory/job-store.ts';
import type { Job, JobState } from '../core/job.ts';
import { type Admission, createAdmission } from './admission.ts';
import type { EngineSettings } from './parts.ts';

let clock: ManualClock;
let store: ReturnType<typeof createMemoryJobStore>;
let bus: ReturnType<typeof createMemoryEventBus>;
let admission: Admission;

function open(settings: Partial<EngineSettings>, rate: { limit: number; perMs: number } | null = null): void {
  const lanes = [{ service: 'copy', concurrency: null, rate }];
  admission = createAdmission({ store, bus, clock, lanes, settings: { ...testSettings, ...settings } });
}

beforeEach(() => {
  clock = new ManualClock();
  store = createMemoryJobStore({ clock });
  bus = createMemoryEventBus({
    onError: (error) => {
      throw error;
    },
  });
});

function tell(state: JobState, { id, caller, service }: Pick<Job, 'id' | 'caller' | 'service'>): void {
  bus.publish({ kind: 'changed', job: id, caller, service, state });
}

/** Takes a place, stores the job and announces it, as `submit` does. */
async function submitted(more: Partial<Job> = {}): Promise<Job> {
  const job = sampleJob(store.now(), { service: 'copy', caller: 'ann', ...more });
  const leave = await admission.enter(job);
  try {
    await store.submit([submissionOf(job)]);
    tell('queued', job);
    return job;
  } finally {
    leave();
  }
}

/** Starts the oldest job of the service after `ms`. */
async function startedAfter(ms: number): Promise<void> {
  clock.advance(ms);
  const lanes = [{ service: 'copy', concurrency: null, rate: null }];
  const { jobs } = await store.claim({ lanes, limit: 1, fetchesMax: 1, worker: 'w', leaseMs: 1_000_000 });
  for (const job of jobs) tell('running', job);
}

const many = (count: number, more: Partial<Job> = {}) => Promise.allSettled(Array.from({ length: count }, () => submitted(more)));
const taken = (results: readonly PromiseSettledResult<unknown>[]) =>
  results.filter(({ status }) => status === 'fulfilled').length;

describe('of jobs that come together no more get in than', () => {
  test.each([
    ['may wait in all', { queuedJobsMax: 7 }, 'queue-full'],
    ['may wait for the service', { serviceQueuedJobsMax: { copy: 7 } }, 'queue-full'],
    ['their caller may have', { callerQueuedJobsMax: 7 }, 'quota-exceeded'],
  ] as const)('%s', async (_what, settings, code) => {
    open(settings);
    expect(taken(await many(50))).toBe(7);
    await expect(submitted()).rejects.toMatchObject({ code, retryAfterSeconds: expect.any(Number) });
    await expect(admission.check('ann', 'copy')).rejects.toMatchObject({ code });
    clock.advance(10_000);
    await expect(admission.check('ann', 'copy')).rejects.toMatchObject({ code });
    await startedAfter(0);
    expect(taken(await many(5))).toBe(1);
  });
});

test('the limit of a service or of a caller is no matter of another one', async () => {
  open({ serviceQueuedJobsMax: { copy: 1 }, callerQueuedJobsMax: 2 });
  await submitted();
  await submitted({ service: 'other' });
  await expect(submitted({ caller: 'bob' })).rejects.toMatchObject({ code: 'queue-full' });
  await expect(submitted({ service: 'other' })).rejects.toMatchObject({ code: 'quota-exceeded' });
  await submitted({ caller: 'bob', service: 'other' });
});

describe('a job that would wait too long', () => {
  /** 20 of 100 jobs have started, one a tenth of a second: 80 wait for another eight seconds. */
  async function eightSecondsBehind(settings: Partial<EngineSettings>): Promise<void> {
    open(settings);
    expect(taken(await many(100))).toBe(100);
    for (let n = 0; n < 20; n += 1) await startedAfter(100);
  }

  test('is refused with the time until there will be room', async () => {
    await eightSecondsBehind({ serviceQueueWaitMax: { copy: 5_000 } });
    expect(await admission.expectedWaitMs('copy')).toBeCloseTo(8_000, -2);
    const refusal = await submitted().catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'queue-full', message: 'A job of copy would wait about 8s; the limit is 5s.' });
    // Three seconds, and up to half as long again.
    expect(refusal).toMatchObject({ retryAfterSeconds: expect.toSatisfy((seconds: number) => seconds >= 3 && seconds <= 5) });
    for (let n = 0; n < 31; n += 1) await startedAfter(100);
    await submitted();
  });

  test('is taken where its time comes later, or its service has a longer limit, or is paused', async () => {
    await eightSecondsBehind({ queueWaitMaxMs: 5_000, serviceQueueWaitMax: { other: 60_000 } });
    await expect(submitted()).rejects.toMatchObject({ code: 'queue-full' });
    await submitted({ runAt: store.now() + 60_000 });
    await submitted({ service: 'other' });
    await store.setPaused('copy', true);
    admission.pauseChanged('copy');
    await submitted();
  });

  test('is not foretold from a queue that was empty for long', async () => {
    await eightSecondsBehind({ queueWaitMaxMs: 5_000 });
    for (let n = 0; n < 80; n += 1) await startedAfter(100);
    clock.advance(3_600_000);
    expect(await admission.expectedWaitMs('copy')).toBe(0);
    expect(taken(await many(45))).toBe(45);
  });
});

test('a queue whose rate is limited is never thought to be quicker', async () => {
  open({ queueWaitMaxMs: 5_000 }, { limit: 1, perMs: 1_000 });
  await many(10);
  for (let n = 0; n < 4; n += 1) await startedAfter(1);
  expect(await admission.expectedWaitMs('copy')).toBe(6_000);
  await expect(submitted()).rejects.toMatchObject({ code: 'queue-full' });
});
