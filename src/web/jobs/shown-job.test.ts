import { expect, test } from 'vitest';
import type { JobsEvent } from '../../client/client.ts';
import { newId } from '../../core/ids.ts';
import { changedJob, createdAtOf, type ShownJob } from './shown-job.ts';

const id = newId();
const waiting: ShownJob = {
  id,
  service: 'ocr',
  state: 'queued',
  progress: null,
  queuePosition: 3,
  attempt: 0,
  maxAttempts: 3,
  priority: 0,
  labels: {},
  source: null,
  options: {},
  createdAt: '2026-01-01T00:00:00.000Z',
  runAt: '2026-01-01T00:00:00.000Z',
  startedAt: null,
  finishedAt: null,
  expiresAt: '2026-02-01T00:00:00.000Z',
  deadline: null,
  reusedFrom: null,
  error: null,
  links: { self: '', queue: '', events: '', result: null },
  isGone: false,
};
const event = (type: 'job.started' | 'job.succeeded' | 'job.queued', at: string, data: object): JobsEvent => ({
  id: 'e',
  type,
  job: id,
  at,
  data: { ...data },
});

test('events carry a job from waiting to done, and back when it is tried again', () => {
  const running = changedJob(waiting, event('job.started', '2026-01-01T00:00:01.000Z', { state: 'running', attempt: 1 }));
  expect(running).toMatchObject({ state: 'running', attempt: 1, startedAt: '2026-01-01T00:00:01.000Z', queuePosition: null });
  const half = changedJob(running, { type: 'job.progress', job: id, data: { fraction: 0.5, message: 'page 1 of 2' } });
  expect(half.progress?.fraction).toBe(0.5);
  const done = changedJob(half, event('job.succeeded', '2026-01-01T00:00:02.000Z', { state: 'succeeded' }));
  expect(done).toMatchObject({ state: 'succeeded', attempt: 1, finishedAt: '2026-01-01T00:00:02.000Z', progress: null });
  expect(changedJob(done, event('job.queued', '2026-01-01T00:00:03.000Z', { state: 'queued' }))).toMatchObject({
    state: 'queued',
    finishedAt: null,
  });
});

test('a job that was deleted stays as it was, and says so', () => {
  expect(changedJob(waiting, { type: 'job.removed', job: id })).toEqual({ ...waiting, isGone: true });
});

test('the id of a job tells when it was made', () => {
  expect(Math.abs(createdAtOf(id) - Date.now())).toBeLessThan(60_000);
});
