import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import { afterAll, expect, onTestFinished, test, vi } from 'vitest';
import { temporaryFolder } from '../../../test/support/program.ts';
import { sampleJob, submissionOf } from '../../../test/support/sample-jobs.ts';
import { systemClock } from '../../core/clock.ts';
import { ServiceError } from '../../core/errors.ts';
import { newId } from '../../core/ids.ts';
import type { Job } from '../../core/job.ts';
import { cancel } from '../../core/transitions.ts';
import { describeJobStore } from '../../ports/job-store.suite.ts';
import { openThreadedJobStore } from './threaded-job-store.ts';

const folder = await temporaryFolder();
let databases = 0;

afterAll(() => folder.remove());

function newPath(): string {
  databases += 1;
  return join(folder.path, `${databases}.db`);
}

describeJobStore('sqlite, written by a thread', (clock) => openThreadedJobStore({ path: newPath(), clock }));

test('what was asked for before a close is committed, what comes later is refused', async () => {
  const path = newPath();
  const store = await openThreadedJobStore({ path, clock: systemClock });
  const job = sampleJob(store.now());
  const stored = store.submit([submissionOf(job)]);
  await store.close();
  expect(await stored).toEqual(['stored']);
  await expect(store.submit([submissionOf(sampleJob(store.now()))])).rejects.toBeInstanceOf(ServiceError);

  const again = await openThreadedJobStore({ path, clock: systemClock });
  expect(await again.get(job.id)).toEqual(job);
  await again.close();
});

test('changes that may wait share a commit, also with what comes later and may not', async () => {
  const commits: number[] = [];
  const store = await openThreadedJobStore({ path: newPath(), clock: systemClock, onCommit: (writes) => commits.push(writes) });
  const jobs = Array.from({ length: 5 }, () => sampleJob(store.now()));
  await store.submit(jobs.map((job) => submissionOf(job)));
  commits.length = 0;
  const change = (job: Job, mayWait: boolean) => {
    const { next, event } = cancel(job, store.now(), 1_000);
    return store.change({ next, event, fence: { version: job.version }, mayWait });
  };
  const [first, ...others] = jobs.map((job, at) => () => change(job, at < 4));
  // However long the turns take here.
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const alone = first?.();
  vi.runAllTimers();
  expect(await alone).toBe(true);
  const changes = others.map(async (act, turns) => {
    for (let turn = 0; turn < turns; turn++) await nextTurn();
    return act();
  });
  expect(await Promise.all(changes)).toEqual([true, true, true, true]);
  expect(commits).toEqual([1, 4]);
  await store.close();
});

test('large uploads of one turn go to the writer a few at a time, small ones together', async () => {
  const commits: number[] = [];
  const store = await openThreadedJobStore({ path: newPath(), clock: systemClock, onCommit: (writes) => commits.push(writes) });
  const submit = (bytes: number) => {
    const contents = [{ blob: newId(), bytes: new Uint8Array(bytes) }];
    return store.submit([{ ...submissionOf(sampleJob(store.now())), contents }]);
  };
  await Promise.all(Array.from({ length: 32 }, () => submit(100)));
  expect(commits).toEqual([32]);
  commits.length = 0;
  await Promise.all(Array.from({ length: 32 }, () => submit(100_000)));
  expect(commits.reduce((sum, writes) => sum + writes, 0)).toBe(32);
  expect(Math.max(...commits)).toBeLessThanOrEqual(8);
  await store.close();
});

test('reads are answered while a write waits for a database that another program keeps locked', async () => {
  const path = newPath();
  const store = await openThreadedJobStore({ path, clock: systemClock });
  const [first, second] = [sampleJob(store.now()), sampleJob(store.now())];
  await store.submit([submissionOf(first)]);
  const other = new Sqlite(path);
  onTestFinished(() => void other.close());
  other.exec('BEGIN IMMEDIATE');
  const answered: string[] = [];
  const stored = store.submit([submissionOf(second)]).then((outcomes) => answered.push(...outcomes));
  for (let turn = 0; turn < 20; turn++) await nextTurn();
  expect(await store.get(first.id)).toEqual(first);
  expect(await store.get(second.id)).toBeNull();
  expect(answered).toEqual([]);
  other.exec('ROLLBACK');
  await stored;
  expect(answered).toEqual(['stored']);
  expect(await store.get(second.id)).toEqual(second);
  await store.close();
});

test('a database that cannot be opened is told at once', async () => {
  await expect(
    openThreadedJobStore({ path: join(folder.path, 'no', 'such', 'folder.db'), clock: systemClock }),
  ).rejects.toThrow();
});
