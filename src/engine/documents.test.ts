import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openTestEngine, type TestEngine, testService } from '../../test/support/engine.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { eventually } from '../../test/support/program.ts';
import { openFilesystemBlobStore } from '../adapters/filesystem/blob-store.ts';
import type { LogEvent } from '../core/events.ts';
import { limits } from '../core/limits.ts';
import type { DocumentChange } from '../ports/document-store.ts';
import { createDocuments } from './documents.ts';
import { pruneDocumentLog } from './retention.ts';
import { createStorageRoom } from './storage-room.ts';
import { WriteGate } from './write-gate.ts';

const poured = (id: string): DocumentChange => {
  return { kind: 'insert', collection: 'beers', id, body: {}, event: { type: 'beer.poured', data: { id } } };
};

describe('documents', () => {
  let clock: ManualClock;
  let open: TestEngine;

  beforeEach(async () => {
    // The clock stands still: what is heard is not due to the poll of the tail.
    clock = new ManualClock();
    open = await openTestEngine({ services: [testService('noop', 'noop')], clock });
    await open.engine.documents.declare([{ name: 'beers', indexes: [] }]);
  });
  afterEach(() => open.close());

  async function follow(): Promise<LogEvent[]> {
    const heard: LogEvent[] = [];
    const hear = (event: LogEvent) => void heard.push(event);
    await open.engine.tail.follow({ event: hear, documentEvent: hear, progress() {}, removed() {} });
    return heard;
  }

  test('who follows the log hears of documents and of jobs, each once and in order', async () => {
    const { documents } = open.engine;
    await documents.write([poured('before')]);
    const heard = await follow();
    await documents.write([poured('a'), { kind: 'insert', collection: 'beers', id: 'silent', body: {} }, poured('a')]);
    const job = await open.submit('noop');
    await documents.write([{ kind: 'tell', collection: 'beers', event: { type: 'taps.report', data: {} } }]);
    await documents.write([{ kind: 'remove', collection: 'beers', id: 'a', event: { type: 'beer.deleted', data: {} } }]);
    await eventually('four events are heard', () => heard.length >= 4);
    expect(heard.map((event) => [event.type, 'job' in event ? event.job : event.id])).toEqual([
      ['beer.poured', 'a'],
      ['job.queued', job.id],
      ['taps.report', null],
      ['beer.deleted', 'a'],
    ]);
    expect(open.engine.tail.position).toBe(heard.at(-1)?.position);
    expect(await open.engine.logEnd()).toBe(heard.at(-1)?.position);
  });

  test('below the reserve nothing new is stored, and removing goes on', async () => {
    const { engine, parts, folder } = open;
    await engine.documents.write([poured('a')]);
    const { store, bus, log } = parts;
    const blobs = await openFilesystemBlobStore({ folder: join(folder, 'others') });
    const room = createStorageRoom({ store, blobs, clock, log, reserveBytes: Number.MAX_SAFE_INTEGER });
    const documents = createDocuments({ store, bus, room }, new WriteGate());
    await expect(documents.write([poured('b')])).rejects.toMatchObject({ code: 'insufficient-storage' });
    expect(await documents.write([{ kind: 'remove', collection: 'beers', id: 'a' }])).toEqual([{ kind: 'written', number: 0 }]);
    expect(await documents.countDocuments({ collection: 'beers' })).toBe(0);
  });

  test('more writes than may wait for the store are refused at once', async () => {
    const documents = createDocuments(open.parts, new WriteGate(1));
    const [first, second] = await Promise.allSettled([documents.write([poured('a')]), documents.write([poured('b')])]);
    expect([first?.status, second]).toEqual([
      'fulfilled',
      { status: 'rejected', reason: expect.objectContaining({ code: 'overloaded' }) },
    ]);
  });

  test('events of documents are kept as long as a client may resume behind them', async () => {
    const { engine, parts } = open;
    await engine.documents.write([poured('a'), poured('b')]);
    clock.advance(limits.liveResumeMs - 1);
    expect(await pruneDocumentLog(parts)).toBe(0);
    await engine.documents.write([poured('c')]);
    clock.advance(1);
    expect(await pruneDocumentLog(parts)).toBe(2);
    const left = await engine.documents.documentLog({ collection: 'beers', after: 0, limit: 10 });
    expect(left.map(({ id }) => id)).toEqual(['c']);
    expect(await engine.documents.documentLogPruned()).toBe(Number(left[0]?.position) - 1);
  });
});
