import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { claim, leased, running, submitted, versioned } from '../../../test/support/job-store-bench.ts';
import { ManualClock } from '../../../test/support/manual-clock.ts';
import { lane, retentionMs, sampleAnswer, sampleJob, submissionOf } from '../../../test/support/sample-jobs.ts';
import { cancel, release, succeed } from '../../core/transitions.ts';
import { describeJobStore } from '../../ports/job-store.suite.ts';
import type { JobStore } from '../../ports/job-store.ts';
import { openSqliteJobStore } from './job-store.ts';
import { openKept } from './kept-database.ts';
import { migrations } from './schema.ts';

describeJobStore('SQLite', async (clock) => openSqliteJobStore({ path: ':memory:', clock }));

describe('a job store in an SQLite file', () => {
  let folder: string;
  let path: string;
  let clock: ManualClock;
  const stores: JobStore[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'coatcheck-sqlite-'));
    path = join(folder, 'jobs.db');
    clock = new ManualClock();
  });
  afterEach(async () => {
    for (const store of stores.splice(0)) await store.close();
    await rm(folder, { recursive: true, force: true });
  });

  function open(): JobStore {
    const store = openSqliteJobStore({ path, clock });
    stores.push(store);
    return store;
  }

  test('everything is there again after it was closed', async () => {
    const store = open();
    const job = await running({ store }, { labels: { a: 'b' } });
    const done = succeed(job, [], store.now(), retentionMs);
    await store.change(leased(job, done, { result: '[1]' }));
    await store.setPaused('copy', true);
    const queues = await store.queues();
    const events = await store.events(job.id);
    await store.close();
    const again = open();
    expect(await again.get(job.id)).toEqual(done.next);
    expect(await again.getResult(job.id)).toBe('[1]');
    expect(await again.queues()).toEqual(queues);
    expect(await again.events(job.id)).toEqual(events);
  });

  test('a database of the first version gets the log of each caller', async () => {
    const old = openKept(path, {});
    old.exec(migrations[0] ?? '');
    old.exec('PRAGMA user_version = 1');
    old.exec(`INSERT INTO jobs (id, caller, service, state, version, ready, priority, labels, options, trace_id, attempt, max_attempts,
      hand_outs, created_at, run_at, expires_at, outputs) VALUES ('a', 'ann', 'copy', 'queued', 1, 1, 0, '{}', '{}', '', 0, 3, 0, 0, 0, 0, '[]')`);
    old.exec("INSERT INTO events (job, type, at, data) VALUES ('a', 'job.queued', 5, '{}')");
    old.close();
    const event = { position: 1, job: 'a', caller: 'ann', service: 'copy', type: 'job.queued', at: 5, data: {} };
    expect(await open().log({ caller: 'ann', after: 0, limit: 10 })).toEqual([event]);
  });

  test('a rate goes on where it was after a restart', async () => {
    const limited = lane('copy', { rate: { limit: 1, perMs: 60_000 } });
    const store = open();
    await submitted({ store });
    await submitted({ store });
    expect(await claim({ store }, 5, limited)).toHaveLength(1);
    await store.close();
    expect(await claim({ store: open() }, 5, limited)).toEqual([]);
  });

  test('two processes never hand out the same job, and share limits', async () => {
    const [one, two] = [open(), open()];
    for (let n = 0; n < 40; n += 1) await submitted({ store: n % 2 === 0 ? one : two });
    const limited = lane('copy', { concurrency: 30 });
    const claims = Array.from({ length: 20 }, (_, n) => claim({ store: n % 2 === 0 ? one : two }, 3, limited));
    const ids = (await Promise.all(claims)).flat().map(({ id }) => id);
    expect(ids).toHaveLength(30);
    expect(new Set(ids).size).toBe(30);
  });

  test('a lease that another process took back refuses the late write', async () => {
    const [one, two] = [open(), open()];
    const job = await running({ store: one });
    clock.advance(20_000);
    const [lost] = await two.lost(10);
    if (lost === undefined) throw new Error('no lost job');
    expect(await two.change(versioned(lost, release(lost, 'its worker was lost')))).toBe(true);
    const [again] = await claim({ store: two }, 1, 'copy');
    if (again === undefined) throw new Error('no job');
    const late = succeed(job, [], one.now(), retentionMs);
    expect(await one.change(leased(job, late, { result: '"late"' }))).toBe(false);
    expect(await one.heartbeat([{ job: job.id, lease: job.lease?.token ?? '', progress: null }], 20_000)).toEqual([
      job.lease?.token,
    ]);
    const done = succeed(again, [], two.now(), retentionMs);
    expect(await two.change(leased(again, done, { result: '"right"' }))).toBe(true);
    expect(await one.getResult(job.id)).toBe('"right"');
  });

  test('of requests to two processes with one idempotency key one gets through', async () => {
    const [one, two] = [open(), open()];
    const key = { caller: 'ann', key: 'key-1' };
    const kinds = await Promise.all(
      [one, two, one, two].map(async (store, n) => (await store.reserve(key, `${n}`, 60_000)).kind),
    );
    expect(kinds.filter((kind) => kind === 'reserved')).toHaveLength(1);
    const winner = String(kinds.indexOf('reserved'));
    const answers = ['0', '1', '2', '3'].map((token) => (token === winner ? two : one).answer(sampleAnswer(token)));
    expect((await Promise.all(answers)).filter(Boolean)).toHaveLength(1);
  });

  test('the writes of one turn of the event loop share one commit', async () => {
    const store = open();
    await submitted({ store });
    const before = await commitsIn(`${path}-wal`);
    const jobs = Array.from({ length: 200 }, () => sampleJob(store.now()));
    const writes = jobs.map((job) => store.submit([submissionOf(job)]));
    await Promise.all([...writes, store.setPaused('copy', true), store.reserve({ caller: 'ann', key: 'k' }, 't', 1_000)]);
    expect((await commitsIn(`${path}-wal`)) - before).toBe(1);
    await store.submit(Array.from({ length: 2_500 }, () => submissionOf(sampleJob(store.now()))));
    expect((await commitsIn(`${path}-wal`)) - before).toBe(4);
  });

  test('a claim that finds nothing commits nothing', async () => {
    const store = open();
    await submitted({ store }, { runAt: store.now() + 1_000 });
    const before = await commitsIn(`${path}-wal`);
    await claim({ store }, 10, 'copy', lane('other', { concurrency: 1, rate: { limit: 1, perMs: 10 } }));
    expect(await commitsIn(`${path}-wal`)).toBe(before);
  });

  test('a database of a newer version is refused and stays as it is', async () => {
    await open().close();
    const newer = openKept(path, {});
    newer.exec('PRAGMA user_version = 99');
    newer.close();
    expect(() => open()).toThrow(/schema 99, made by a newer Coatcheck/);
    const after = openKept(path, {});
    expect(after.prepare('PRAGMA user_version').pluck().get()).toBe(99);
    after.close();
  });

  test('a file that is no database is refused', async () => {
    await writeFile(path, 'This is no database, however long one looks at it. '.repeat(100));
    expect(() => open()).toThrow(/not a database/);
  });

  test('a closed store says so', async () => {
    const store = open();
    const job = await submitted({ store });
    await store.close();
    const closed = { code: 'service-unavailable' };
    await expect(store.check()).rejects.toMatchObject(closed);
    await expect(store.get(job.id)).rejects.toMatchObject(closed);
    await expect(store.change(versioned(job, cancel(job, store.now(), retentionMs)))).rejects.toMatchObject(closed);
  });
});

/** Commits in a write-ahead log: frames whose header tells the size of the database after a commit (SQLite file format, 4.2). */
async function commitsIn(logPath: string): Promise<number> {
  const log = await readFile(logPath);
  const pageBytes = log.readUInt32BE(8);
  let commits = 0;
  for (let at = 32; at + 24 <= log.length; at += 24 + pageBytes) {
    const isOfThisLog = log.readUInt32BE(at + 8) === log.readUInt32BE(16) && log.readUInt32BE(at + 12) === log.readUInt32BE(20);
    if (isOfThisLog && log.readUInt32BE(at + 4) > 0) commits += 1;
  }
  return commits;
}
