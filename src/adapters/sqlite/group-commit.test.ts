import { setImmediate as nextTurn } from 'node:timers/promises';
import Sqlite, { type Database } from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ServiceError } from '../../core/errors.ts';
import { GroupCommit } from './group-commit.ts';
import { openKept } from './kept-database.ts';
import type { LogSync } from './log-sync.ts';

let executed: string[];
let database: Database;
let group: GroupCommit;

beforeEach(() => {
  executed = [];
  database = openKept(':memory:', { verbose: (sql) => executed.push(String(sql)) });
  database.exec('CREATE TABLE numbers (n INTEGER PRIMARY KEY)');
  group = new GroupCommit(database);
});
afterEach(async () => {
  await group.close();
  database.close();
});

const insert = (...numbers: number[]) =>
  group.write(() => {
    for (const n of numbers) database.prepare('INSERT INTO numbers VALUES (?)').run(n);
    return numbers.length;
  });
const numbers = () => database.prepare('SELECT n FROM numbers ORDER BY n').pluck().all();
const commits = () => executed.filter((sql) => sql === 'COMMIT').length;

test('writes of one turn share a commit, those of the next have their own', async () => {
  expect(await Promise.all([insert(1), insert(2, 3), insert(4)])).toEqual([1, 2, 1]);
  expect(commits()).toBe(1);
  await insert(5);
  expect(commits()).toBe(2);
  expect(numbers()).toEqual([1, 2, 3, 4, 5]);
});

test('nothing is written before the turn has ended, and a promise resolves after its commit', async () => {
  const write = insert(1);
  expect(executed).not.toContain('BEGIN IMMEDIATE');
  await write;
  expect(executed).toContain('COMMIT');
});

test('a write that throws is undone alone, the first half of it too', async () => {
  const results = await Promise.allSettled([insert(1), insert(2, 1, 3), insert(4)]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(numbers()).toEqual([1, 4]);
  expect(commits()).toBe(1);
});

test('a write that throws an error of its own is rejected with it', async () => {
  const refusal = new ServiceError('queue-full', 'Too many.');
  const refused = group.write(() => {
    throw refusal;
  });
  const results = await Promise.allSettled([refused, insert(1)]);
  expect(results).toEqual([
    { status: 'rejected', reason: refusal },
    { status: 'fulfilled', value: 1 },
  ]);
});

test('a write that throws alone leaves nothing behind', async () => {
  await expect(insert(7, 7)).rejects.toThrow(/UNIQUE/);
  expect(numbers()).toEqual([]);
  expect(await insert(7)).toBe(1);
});

test('a full disk rejects all writes of the commit, keeps none of them, and the next commit works again', async () => {
  database.exec('CREATE TABLE texts (text TEXT)');
  const pages = Number(database.prepare('PRAGMA page_count').pluck().get());
  database.exec(`PRAGMA max_page_count = ${pages + 2}`);
  const large = group.write(() => database.prepare('INSERT INTO texts VALUES (?)').run('x'.repeat(100_000)));
  const results = await Promise.allSettled([insert(1), large, insert(2)]);
  for (const result of results) {
    expect(result).toMatchObject({ status: 'rejected', reason: { code: 'insufficient-storage' } });
  }
  expect(numbers()).toEqual([]);
  expect(await insert(3)).toBe(1);
});

test('a database that someone else keeps locked rejects all writes, for now', async () => {
  const error = new Sqlite.SqliteError('database is locked', 'SQLITE_BUSY');
  const busy = group.write(() => {
    throw error;
  });
  const results = await Promise.allSettled([insert(1), busy]);
  for (const result of results) {
    expect(result).toMatchObject({ status: 'rejected', reason: { code: 'service-unavailable', cause: error } });
  }
  expect(await insert(1)).toBe(1);
});

test('many writes are cut into commits of a thousand', async () => {
  await Promise.all(Array.from({ length: 2_001 }, (_, n) => insert(n)));
  expect(commits()).toBe(3);
  expect(numbers()).toHaveLength(2_001);
});

test('writes with many bytes of files are cut into commits of less than a megabyte', async () => {
  const store = (n: number, bytes: number) => group.write(() => database.prepare('INSERT INTO numbers VALUES (?)').run(n), bytes);
  await Promise.all(Array.from({ length: 32 }, (_, n) => store(n, 100_000)));
  expect(commits()).toBe(4);
  await Promise.all(Array.from({ length: 3 }, (_, n) => store(100 + n, 5_000_000)));
  expect(commits()).toBe(7);
});

test('closing commits what is queued and refuses what comes later', async () => {
  const writes = Array.from({ length: 1_500 }, (_, n) => insert(n));
  const closed = group.close();
  expect(numbers()).toHaveLength(1_500);
  await closed;
  await Promise.all(writes);
  await expect(insert(9_999)).rejects.toMatchObject({ code: 'service-unavailable' });
});

describe('where commits are brought to the disk apart', () => {
  const gone = new ServiceError('service-unavailable', 'The disk is gone.');
  let syncs: Parameters<LogSync['sync']>[0][];
  let isSound: boolean;
  let settled: unknown[];
  let begun: number;
  let skipped: number;

  beforeEach(() => {
    syncs = [];
    settled = [];
    isSound = true;
    const check = () => {
      if (!isSound) throw gone;
    };
    begun = 0;
    skipped = 0;
    group = new GroupCommit(database, {
      log: {
        check,
        begin: () => void begun++,
        sync: (done) => void syncs.push(done),
        skip: () => void skipped++,
        close: async () => {},
      },
    });
  });
  // What is still asked for is granted, so that the store can close.
  afterEach(() => {
    for (const done of syncs.splice(0)) done(null);
  });

  /** One turn that writes; `settled` tells what became of it and when. */
  async function turn(...writes: Promise<unknown>[]): Promise<void> {
    for (const write of writes) {
      write.then(
        (value) => settled.push(value),
        (error: unknown) => settled.push(error),
      );
    }
    await nextTurn();
    await nextTurn();
  }
  async function synced(failure: ServiceError | null = null): Promise<void> {
    syncs.shift()?.(failure);
    await nextTurn();
  }

  test('writes are committed at once, and told when they are on the disk', async () => {
    await turn(insert(1), insert(2, 3));
    expect(numbers()).toEqual([1, 2, 3]);
    expect(settled).toEqual([]);
    await synced();
    expect(settled).toEqual([1, 2]);
  });

  test('commits that come while one sync runs share the next, which begins after it', async () => {
    await turn(insert(1));
    await turn(insert(2));
    await turn(insert(3, 4));
    expect(syncs).toHaveLength(1);
    await synced();
    expect(settled).toEqual([1]);
    expect(syncs).toHaveLength(1);
    await synced();
    expect(settled).toEqual([1, 1, 2]);
    expect(syncs).toEqual([]);
  });

  test('a refusal may come of what is not on the disk, and is told after it', async () => {
    await turn(insert(1));
    await turn(insert(1));
    expect(settled).toEqual([]);
    await synced();
    expect(settled).toEqual([1, expect.objectContaining({ code: 'SQLITE_CONSTRAINT_PRIMARYKEY' })]);
    expect(syncs).toEqual([]);
  });

  test('what changes nothing needs no sync', async () => {
    await turn(group.write(() => 'nothing'));
    expect(settled).toEqual(['nothing']);
    expect(syncs).toEqual([]);
    expect([begun, skipped]).toEqual([1, 1]);
  });

  test('a commit is announced before readers may see it, also one that then fails', async () => {
    await turn(insert(1));
    expect(begun).toBe(1);
    await turn(insert(2), insert(2));
    expect(begun).toBe(2);
    await synced();
    await synced();
    expect(settled).toEqual([1, 1, expect.objectContaining({ code: 'SQLITE_CONSTRAINT_PRIMARYKEY' })]);
    expect(skipped).toBe(0);
    database.exec('CREATE TABLE texts (text TEXT)');
    database.exec(`PRAGMA max_page_count = ${Number(database.prepare('PRAGMA page_count').pluck().get())}`);
    await turn(group.write(() => database.prepare('INSERT INTO texts VALUES (?)').run('x'.repeat(100_000))));
    expect(settled.at(-1)).toMatchObject({ code: 'insufficient-storage' });
    expect(skipped).toBe(1);
  });

  test('a sync that fails rejects all that it covered, and nothing is committed until that is made good', async () => {
    await turn(insert(1), insert(2));
    isSound = false;
    await synced(gone);
    await turn(insert(3));
    expect(settled).toEqual([gone, gone, gone]);
    expect(numbers()).toEqual([1, 2]);
    isSound = true;
    await turn(insert(4));
    await synced();
    expect(settled.at(-1)).toBe(1);
  });

  test('what was committed while a sync failed is not told by a sync after it', async () => {
    await turn(insert(1));
    await turn(insert(2));
    isSound = false;
    await synced(gone);
    expect(settled).toEqual([gone, gone]);
    expect(syncs).toEqual([]);
  });

  test('closing waits for the disk', async () => {
    const write = insert(1);
    let closed = false;
    const closing = group.close().then(() => {
      closed = true;
    });
    await turn(write);
    expect({ closed, settled }).toEqual({ closed: false, settled: [] });
    await synced();
    await closing;
    expect(settled).toEqual([1]);
  });
});
