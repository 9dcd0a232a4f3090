import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ManualClock } from '../../../../test/support/manual-clock.ts';
import { temporaryFolder } from '../../../../test/support/program.ts';
import { describeDocumentStore } from '../../../ports/document-store.suite.ts';
import { openSqliteJobStore } from '../job-store.ts';
import { openThreadedJobStore } from '../threaded-job-store.ts';

const folder = await temporaryFolder();
let databases = 0;

afterAll(() => folder.remove());

function newPath(): string {
  databases += 1;
  return join(folder.path, `${databases}.db`);
}

describeDocumentStore('SQLite', async (clock) => openSqliteJobStore({ path: ':memory:', clock }));
describeDocumentStore('SQLite, written by a thread,', (clock) => openThreadedJobStore({ path: newPath(), clock }));

test('documents, keys, numbers and the log go on where they were when the file is opened again', async () => {
  const path = newPath();
  const clock = new ManualClock();
  const collection = { name: 'beers', indexes: [['tap']] };
  const event = { type: 'beer.poured', data: {} };
  const store = await openThreadedJobStore({ path, clock });
  await store.declare([collection]);
  await store.writeDocuments([
    { kind: 'insert', collection: 'beers', id: 'a', key: 'k', body: { tap: 1 }, event },
    { kind: 'insert', collection: 'beers', id: 'b', body: { tap: 1 }, event },
  ]);
  await store.writeDocuments([{ kind: 'remove', collection: 'beers', id: 'b' }]);
  const log = await store.wholeLog({ after: 0, limit: 10 });
  await store.close();

  const again = await openThreadedJobStore({ path, clock });
  await again.declare([collection]);
  expect(await again.wholeLog({ after: 0, limit: 10 })).toEqual(log);
  const outcomes = await again.writeDocuments([
    { kind: 'insert', collection: 'beers', id: 'c', key: 'k', body: {} },
    { kind: 'insert', collection: 'beers', id: 'd', body: { tap: 1 }, event },
  ]);
  expect(outcomes).toEqual([
    { kind: 'known', document: { id: 'a', number: 0, body: { tap: 1 } } },
    { kind: 'written', number: 2 },
  ]);
  expect(await again.countEach('beers', 'tap')).toEqual([{ value: '1', count: 2 }]);
  expect(await again.logEnd()).toBe((log.at(-1)?.position ?? 0) + 1);
  await again.close();
});
