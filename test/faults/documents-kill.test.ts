import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSqliteJobStore } from '../../src/adapters/sqlite/job-store.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { DocumentEvent } from '../../src/core/events.ts';
import type { Collection, DocumentStore, StoredDocument } from '../../src/ports/document-store.ts';
import type { JobStore } from '../../src/ports/job-store.ts';
import { recordFigure } from '../support/figures.ts';
import { temporaryFolder } from '../support/program.ts';

/** Kills of a writer. More for a soak: COATCHECK_TEST_KILLS=200 npx vitest run test/faults/documents-kill.test.ts */
const kills = Number(process.env.COATCHECK_TEST_KILLS ?? 5);
const changesMin = 20;
const writer = fileURLToPath(new URL('../support/document-writer.mjs', import.meta.url));
const pours: Collection = { name: 'pours', orderedBy: 'at', indexes: [['tap'], ['step', 'tap']] };

let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());

type Told = readonly (readonly [kind: 'insert' | 'replace' | 'remove', id: string])[];

/** The last change of each document that was durable, and the ids of those of which a later one was asked for. */
interface Record {
  readonly last: Map<string, string>;
  readonly open: Set<string>;
  events: number;
}

/** Lets a writer work on the database for a while after some changes are durable, and kills it in the midst of it. */
async function writeAndKill(path: string, record: Record, forMs: number): Promise<void> {
  const child = spawn(process.execPath, [writer, path, JSON.stringify(pours)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = once(child, 'exit');
  const before = record.events;
  let isDoomed = false;
  for await (const line of createInterface(child.stdout)) {
    const { asked, done }: { asked?: Told; done?: Told } = JSON.parse(line);
    for (const [, id] of asked ?? []) record.open.add(id);
    if (done === undefined) continue;
    for (const [kind, id] of done) {
      record.last.set(id, kind);
      record.open.delete(id);
    }
    record.events += done.length;
    if (isDoomed || record.events < before + changesMin) continue;
    isDoomed = true;
    setTimeout(() => child.kill('SIGKILL'), forMs);
  }
  const [, signal] = await exit;
  expect(signal).toBe('SIGKILL');
}

async function allDocuments(store: DocumentStore): Promise<StoredDocument[]> {
  const all: StoredDocument[] = [];
  const read = () => store.findDocuments({ collection: 'pours', order: 'rising', offset: all.length, limit: 1_000 });
  for (let page = await read(); page.length > 0; page = await read()) all.push(...page);
  return all;
}

async function wholeLog(store: JobStore): Promise<DocumentEvent[]> {
  const all: DocumentEvent[] = [];
  const read = () => store.wholeLog({ after: all.at(-1)?.position ?? 0, limit: 1_000 });
  for (let page = await read(); page.length > 0; page = await read())
    for (const event of page) if (!('job' in event)) all.push(event);
  return all;
}

/** What the history of a document says that it now is; null where it was removed. */
function retold(log: readonly DocumentEvent[]): Map<string, string> {
  const told = new Map<string, string>();
  for (const { id, type, data } of log) {
    if (id === null) continue;
    if (type === 'removed') told.delete(id);
    else told.set(id, JSON.stringify(data));
  }
  return told;
}

test('a writer that is killed loses no document and no event that was acknowledged, and leaves neither without the other', {
  timeout: 60_000 + kills * 20_000,
}, async () => {
  const path = join(folder.path, 'jobs.db');
  const record: Record = { last: new Map(), open: new Set(), events: 0 };
  for (let round = 0; round < kills; round += 1) {
    await writeAndKill(path, record, 50 + Math.random() * 300);
    const store = openSqliteJobStore({ path, clock: systemClock });
    const documents = await allDocuments(store);
    const log = await wholeLog(store);

    const there = new Map(documents.map(({ id, body }) => [id, JSON.stringify(body)]));
    expect(there).toEqual(retold(log));
    const lost = [...record.last].filter(([id, kind]) => !record.open.has(id) && there.has(id) !== (kind !== 'remove'));
    expect(lost).toEqual([]);
    expect(log.length).toBeGreaterThanOrEqual(record.events);
    expect(new Set(log.map(({ position }) => position)).size).toBe(log.length);
    expect(new Set(documents.map(({ number }) => number)).size).toBe(documents.length);

    expect(await store.countDocuments({ collection: 'pours' })).toBe(documents.length);
    for (const { value, count } of await store.countEach('pours', 'tap')) {
      const alike = documents.filter(({ body }) => body.tap === Number(value));
      expect(count).toBe(alike.length);
      const from = Number(alike[Math.floor(alike.length / 2)]?.body.at);
      const above = { collection: 'pours', where: { tap: Number(value) }, from };
      expect(await store.countDocuments(above)).toBe(alike.filter(({ body }) => Number(body.at) >= from).length);
    }
    await store.close();
  }
  recordFigure(1, `documents: lost 0 of ${record.last.size} and 0 of ${record.events} events, ${kills} kills of their writer`);
});
