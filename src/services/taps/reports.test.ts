import { beforeEach, expect, test } from 'vitest';
import { ManualClock } from '../../../test/support/manual-clock.ts';
import { createMemoryJobStore } from '../../adapters/memory/job-store.ts';
import type { DocumentStore } from '../../ports/document-store.ts';
import { beerBody, beersCollection } from './beer-documents.ts';
import { createReports, type Reports } from './reports.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };
let clock: ManualClock;
let store: DocumentStore;
let reports: Reports;
let fails = false;
let written: Promise<unknown> = Promise.resolve();

beforeEach(async () => {
  clock = new ManualClock();
  store = createMemoryJobStore({ clock });
  await store.declare([beersCollection]);
  fails = false;
  const documents: Parameters<typeof createReports>[0]['documents'] = {
    countEach: (collection, member) => store.countEach(collection, member),
    write(changes) {
      if (fails) return Promise.reject(new Error('the disk is gone'));
      const outcomes = store.writeDocuments(changes);
      written = outcomes;
      return outcomes;
    },
  };
  reports = createReports({ documents, clock, log, reportMs: 5_000 });
});

let poured = 0;
async function pour(tapId = 1): Promise<void> {
  const id = `beer-${poured}`;
  poured += 1;
  const [outcome] = await store.writeDocuments([{ kind: 'insert', collection: 'beers', id, body: beerBody(tapId, 300, 0) }]);
  if (outcome?.kind === 'written') reports.poured(outcome.number);
}

/** The totals of the reports so far. */
async function totals(): Promise<number[]> {
  // What is under way: the count, then the write.
  for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
  await written;
  await new Promise(setImmediate);
  const events = await store.documentLog({ collection: 'beers', after: 0, limit: 1_000 });
  return events.map(({ data }) => (data.counts as [number, number][]).reduce((sum, [, beers]) => sum + beers, 0));
}

test('a change is reported when the interval is over, once', async () => {
  await pour();
  await pour();
  clock.advance(4_999);
  expect(await totals()).toEqual([]);
  clock.advance(1);
  expect(await totals()).toEqual([2]);
  clock.advance(60_000);
  expect(await totals()).toEqual([2]);
  reports.changed();
  clock.advance(5_000);
  expect(await totals()).toEqual([2, 2]);
});

test('every tenth pour is reported at once, where the last report is not too near', async () => {
  for (let n = 0; n < 10; n += 1) await pour();
  clock.advance(0);
  expect(await totals()).toEqual([10]);
  for (let n = 0; n < 10; n += 1) await pour();
  clock.advance(0);
  expect(await totals()).toEqual([10]);
  clock.advance(105);
  expect(await totals()).toEqual([10, 20]);
});

test('the more taps there are the longer a report waits for the one before it, and not longer than the interval', async () => {
  for (let tap = 0; tap < 500; tap += 1) await pour(tap);
  clock.advance(0);
  expect(await totals()).toEqual([500]);
  for (let n = 0; n < 10; n += 1) await pour();
  clock.advance(2_599);
  expect(await totals()).toEqual([500]);
  clock.advance(1);
  expect(await totals()).toEqual([500, 510]);
  for (let tap = 500; tap < 5_000; tap += 1) await pour(tap);
  clock.advance(5_000);
  expect((await totals()).at(-1)).toBe(5_010);
});

test('a report that fails is tried again, and none comes after the end', async () => {
  fails = true;
  await pour();
  clock.advance(5_000);
  expect(await totals()).toEqual([]);
  fails = false;
  clock.advance(5_000);
  expect(await totals()).toEqual([1]);
  await pour();
  await reports.stop();
  clock.advance(60_000);
  expect(await totals()).toEqual([1]);
});
