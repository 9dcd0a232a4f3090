import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { temporaryFolder } from '../../../test/support/program.ts';
import { sampleJob, submissionOf } from '../../../test/support/sample-jobs.ts';
import { systemClock } from '../../core/clock.ts';
import { ServiceError } from '../../core/errors.ts';
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

test('a database that cannot be opened is told at once', async () => {
  await expect(
    openThreadedJobStore({ path: join(folder.path, 'no', 'such', 'folder.db'), clock: systemClock }),
  ).rejects.toThrow();
});
