import fc from 'fast-check';
import { expect, test } from 'vitest';
import { leased, type OpenJobStore, versioned } from '../../test/support/job-store-bench.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { lane, retentionMs, sampleJob, submissionOf } from '../../test/support/sample-jobs.ts';
import { canBecome, hasEnded, type Job, jobStates, needsFetch } from '../core/job.ts';
import { cancel, fail, release, retryLater, startOver, succeed, type Transition } from '../core/transitions.ts';
import type { JobStore } from './job-store.ts';

const services = ['x', 'y'];
const which = fc.nat(1_000);
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('submit' as const),
      caller: fc.constantFrom('a', 'b', 'c'),
      service: fc.constantFrom(...services),
      priority: fc.integer({ min: -2, max: 2 }),
      delay: fc.constantFrom(0, 0, 0, 700),
      link: fc.constantFrom(null, { url: 'https://example.org/', fresh: false }, { url: 'https://example.org/', fresh: true }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('claim' as const),
      limit: fc.integer({ min: 1, max: 4 }),
      fetchesMax: fc.constantFrom(0, 1, 4, 4, 4),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('settle' as const),
      which,
      how: fc.constantFrom('succeed', 'fail', 'release', 'retry'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom('cancel' as const, 'startOver' as const, 'remove' as const, 'stale' as const),
      which,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 900 }) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Random work on a store and on a plain map of jobs, which must agree after every step. */
class Comparison {
  readonly #store: JobStore;
  readonly #clock: ManualClock;
  readonly #jobs = new Map<string, Job>();

  constructor(store: JobStore, clock: ManualClock) {
    this.#store = store;
    this.#clock = clock;
  }

  async take(step: Step): Promise<void> {
    if (step.kind === 'submit') return this.#submit(step);
    if (step.kind === 'claim') return this.#claim(step);
    if (step.kind === 'wait') return this.#clock.advance(step.ms);
    const candidates = [...this.#jobs.values()];
    const job = candidates[step.which % Math.max(candidates.length, 1)];
    if (job === undefined) return;
    if (step.kind === 'settle') return this.#settle(job, step.how);
    if (step.kind === 'remove') return this.#remove(job);
    if (step.kind === 'stale') return this.#changeStale(job);
    const change = step.kind === 'cancel' ? cancel : startOver;
    if (
      canBecome(job.state, step.kind === 'cancel' ? 'canceled' : 'queued') &&
      (step.kind === 'cancel' || job.state !== 'running')
    ) {
      const transition = change(job, this.#clock.now(), retentionMs);
      expect(await this.#store.change(versioned(job, transition))).toBe(true);
      this.#follow(transition);
    }
  }

  async verify(): Promise<void> {
    for (const queue of await this.#store.queues()) {
      const jobs = [...this.#jobs.values()].filter(({ service }) => service === queue.service);
      const recount = jobStates.map((state) => [state, jobs.filter((job) => job.state === state).length]);
      expect(queue.counts).toEqual(Object.fromEntries(recount));
      const due = jobs.filter((job) => this.#isDue(job));
      expect(queue.oldestQueuedAt).toBe(due.length === 0 ? null : Math.min(...due.map(({ createdAt }) => createdAt)));
      expect((await this.#store.line(queue.service, 1_000)).sort()).toEqual(due.map(({ id }) => id).sort());
    }
    for (const job of this.#jobs.values()) expect(await this.#store.get(job.id)).toEqual(job);
  }

  async #submit({ caller, service, priority, delay, link }: Extract<Step, { kind: 'submit' }>): Promise<void> {
    const job = sampleJob(this.#clock.now(), { caller, service, priority, link, runAt: this.#clock.now() + delay });
    expect(await this.#store.submit([submissionOf(job)])).toEqual(['stored']);
    this.#jobs.set(job.id, job);
  }

  async #claim({ limit, fetchesMax }: Extract<Step, { kind: 'claim' }>): Promise<void> {
    const due = [...this.#jobs.values()].filter((job) => this.#isDue(job));
    const { jobs } = await this.#store.claim({
      lanes: services.map((name) => lane(name)),
      limit,
      fetchesMax,
      worker: 'w',
      leaseMs: 1_000,
    });
    const fetches = due.filter(needsFetch).length;
    expect(jobs).toHaveLength(Math.min(limit, due.length - fetches + Math.min(fetches, fetchesMax)));
    let fetchesLeft = fetchesMax;
    for (const job of jobs) {
      const before = this.#jobs.get(job.id);
      const rivals = [...this.#jobs.values()].filter(
        (other) =>
          this.#isDue(other) &&
          other.caller === job.caller &&
          other.service === job.service &&
          (fetchesLeft > 0 || !needsFetch(other)),
      );
      const best = rivals.sort((a, b) => b.priority - a.priority || (a.id < b.id ? -1 : 1))[0];
      expect(job.id).toBe(best?.id);
      expect(before !== undefined && canBecome(before.state, job.state)).toBe(true);
      this.#jobs.set(job.id, job);
      if (needsFetch(job)) fetchesLeft -= 1;
    }
  }

  async #settle(job: Job, how: string): Promise<void> {
    if (job.state !== 'running') return;
    const now = this.#clock.now();
    const transitions: Record<string, () => Transition> = {
      succeed: () => succeed(job, [], now, retentionMs),
      fail: () => fail(job, 'executor-crashed', 'It died.', now, retentionMs),
      release: () => release(job, 'its worker stopped'),
      retry: () => retryLater(job, 'executor-crashed', 'It died.', now + 500),
    };
    const transition = transitions[how]?.();
    if (transition === undefined) throw new Error(`unknown end ${how}`);
    expect(await this.#store.change(leased(job, transition))).toBe(true);
    this.#follow(transition);
  }

  async #remove(job: Job): Promise<void> {
    const removed = await this.#store.remove(job.id, job.version);
    expect(removed).toBe(hasEnded(job.state));
    if (!removed) return;
    this.#jobs.delete(job.id);
    expect(await this.#store.get(job.id)).toBeNull();
  }

  /** Someone who read an older version, or held an earlier lease, must not get through. */
  async #changeStale(job: Job): Promise<void> {
    const next = { ...job, state: 'canceled' as const, version: job.version };
    const event = { type: 'job.canceled' as const, data: {} };
    expect(await this.#store.change({ next, event, fence: { version: job.version - 1 } })).toBe(false);
    expect(await this.#store.change({ next, event, fence: { lease: 'an earlier lease' } })).toBe(false);
  }

  #follow({ next }: Transition): void {
    const before = this.#jobs.get(next.id);
    expect(before !== undefined && canBecome(before.state, next.state)).toBe(true);
    this.#jobs.set(next.id, next);
  }

  #isDue(job: Job): boolean {
    return job.state === 'queued' && job.runAt <= this.#clock.now();
  }
}

/** After any sequence of steps the counts are true, and jobs are what a plain map says that they are. */
export function randomPromises(open: OpenJobStore): void {
  test('after any sequence of steps jobs, counts and waiting lines are those of a plain model', {
    timeout: 120_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const clock = new ManualClock();
        const store = await open(clock);
        try {
          const comparison = new Comparison(store, clock);
          for (const one of steps) await comparison.take(one);
          await comparison.verify();
        } finally {
          await store.close();
        }
      }),
      { numRuns: 60 },
    );
  });
}
