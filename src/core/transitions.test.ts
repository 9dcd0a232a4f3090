import { describe, expect, test } from 'vitest';
import { jobEventTypes } from './events.ts';
import { newId } from './ids.ts';
import { canBecome, hasEnded, type Job, type JobState, jobStates, nextStates } from './job.ts';
import { cancel, fail, release, retryLater, start, startOver, succeed, type Transition } from './transitions.ts';

const now = 1_800_000_000_000;
const retentionMs = 60_000;
const lease = { token: 'a token', worker: 'a worker', expiresAt: now + 20_000 };

function jobIn(state: JobState): Job {
  return {
    id: newId(),
    caller: 'open',
    service: 'thumbnails',
    state,
    version: 7,
    priority: 0,
    labels: {},
    options: {},
    source: null,
    link: null,
    traceId: '0'.repeat(32),
    attempt: 2,
    maxAttempts: 3,
    handOuts: 4,
    progress: { fraction: 0.5, message: 'half of it' },
    createdAt: now - 5_000,
    runAt: now - 5_000,
    startedAt: now - 1_000,
    finishedAt: hasEnded(state) ? now - 10 : null,
    expiresAt: now + 1,
    deadline: null,
    lease: state === 'running' ? lease : null,
    error: null,
    outputs: [],
    reuseKey: null,
    reusedFrom: null,
    resultExpired: false,
  };
}

/** Every transition that there is, with the state that it leads to. */
const transitions: Record<string, { to: JobState; apply: (job: Job) => Transition }> = {
  succeed: { to: 'succeeded', apply: (job) => succeed(job, ['an output'], now, retentionMs) },
  fail: { to: 'failed', apply: (job) => fail(job, 'executor-crashed', 'It died.', now, retentionMs) },
  cancel: { to: 'canceled', apply: (job) => cancel(job, now, retentionMs) },
  retryLater: { to: 'queued', apply: (job) => retryLater(job, 'executor-crashed', 'It died.', now + 500) },
  release: { to: 'queued', apply: (job) => release(job, 'worker stopped') },
  startOver: { to: 'queued', apply: (job) => startOver(job, now) },
  start: { to: 'running', apply: (job) => start(job, lease, now) },
};

const cases = Object.entries(transitions).flatMap(([name, { to, apply }]) =>
  jobStates.map((from) => ({ name, from, to, apply })),
);

describe('every transition keeps to the state table', () => {
  test.each(cases.filter(({ from, to }) => canBecome(from, to)))('$name takes a $from job to $to', ({ from, to, apply }) => {
    const job = jobIn(from);
    const before = structuredClone(job);
    const { next, event } = apply(job);
    expect(next.state).toBe(to);
    expect(next.version).toBe(job.version + 1);
    expect(jobEventTypes).toContain(event.type);
    expect(job).toEqual(before);
  });

  test.each(cases.filter(({ from, to }) => !canBecome(from, to)))('$name refuses a $from job', ({ from, to, apply }) => {
    expect(() => apply(jobIn(from))).toThrow(`a ${from} job cannot become ${to}`);
  });

  test('each change that the table allows is made by some transition, and no other', () => {
    const made = new Set(cases.filter(({ from, to }) => canBecome(from, to)).map(({ from, to }) => `${from} to ${to}`));
    const allowed = jobStates.flatMap((from) => nextStates[from].map((to) => `${from} to ${to}`));
    expect([...made].toSorted()).toEqual(allowed.toSorted());
  });
});

test('an ended job has no lease and is kept for its retention from its end on', () => {
  for (const { to, apply } of Object.values(transitions).filter(({ to }) => hasEnded(to))) {
    expect(apply(jobIn('running')).next, to).toMatchObject({ lease: null, finishedAt: now, expiresAt: now + retentionMs });
  }
});

test('a job that goes back to the queue has no lease and no progress', () => {
  for (const name of ['retryLater', 'release'] as const) {
    expect(transitions[name]?.apply(jobIn('running')).next, name).toMatchObject({
      lease: null,
      progress: null,
      finishedAt: null,
    });
  }
});

test('a start counts an attempt and a hand-out; a release takes only the attempt back', () => {
  const { next: started } = start(jobIn('queued'), lease, now);
  expect(started).toMatchObject({ attempt: 3, handOuts: 5, lease, startedAt: now });
  expect(release(started, 'worker lost').next).toMatchObject({ attempt: 2, handOuts: 5 });
  expect(retryLater(started, 'executor-crashed', 'It died.', now + 500).next).toMatchObject({ attempt: 3, runAt: now + 500 });
});

test('a job that starts over has all its attempts before it and nothing of its first end', () => {
  const { next: failed } = fail(jobIn('running'), 'executor-crashed', 'It died.', now, retentionMs);
  expect(startOver(failed, now + 1).next).toMatchObject({
    attempt: 0,
    handOuts: 0,
    error: null,
    finishedAt: null,
    runAt: now + 1,
  });
});
