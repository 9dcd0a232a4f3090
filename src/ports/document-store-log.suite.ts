import { describe, expect, test } from 'vitest';
import { type Bench, running, submitted } from '../../test/support/job-store-bench.ts';
import { retentionMs } from '../../test/support/sample-jobs.ts';
import { newId } from '../core/ids.ts';
import { cancel } from '../core/transitions.ts';
import type { DocumentChange } from './document-store.ts';

/** What a store promises to those who follow what is told of documents. */
export function documentLogPromises(bench: Bench): void {
  const wholeLog = (after = 0, limit = 1_000) => bench.store.wholeLog({ after, limit });
  const ofBeers = (after = 0, limit = 1_000) => bench.store.documentLog({ collection: 'beers', after, limit });
  const poured = (id = newId(), n = 0): DocumentChange => {
    return { kind: 'insert', collection: 'beers', id, body: { n }, event: { type: 'beer.poured', data: { n } } };
  };

  describe('the log of documents', () => {
    test('events of jobs and documents are one log with rising positions', async () => {
      const { store } = bench;
      const first = await submitted(bench);
      await store.writeDocuments([poured('a', 1), poured('b', 2)]);
      const second = await running(bench, { service: 'other' });
      await store.writeDocuments([{ kind: 'remove', collection: 'beers', id: 'a', event: { type: 'beer.deleted', data: {} } }]);
      const all = await wholeLog();
      expect(all.map((event) => ('job' in event ? event.job : event.id))).toEqual([
        first.id,
        'a',
        'b',
        second.id,
        second.id,
        'a',
      ]);
      const positions = all.map(({ position }) => position);
      expect(positions).toEqual([...new Set(positions)].sort((a, b) => a - b));
      expect(await store.logEnd()).toBe(positions.at(-1));
      expect((await store.log({ caller: 'ann', after: 0, limit: 100 })).map(({ job }) => job)).toEqual([
        first.id,
        second.id,
        second.id,
      ]);
      expect(all[2]).toEqual({
        type: 'beer.poured',
        data: { n: 2 },
        position: positions[2],
        collection: 'beers',
        id: 'b',
        number: 1,
        at: store.now(),
      });
      expect(await ofBeers()).toEqual([all[1], all[2], all[5]]);
    });

    test('a line that is counted tells exactly what the lines before it come to, also within one call', async () => {
      const { store } = bench;
      await store.declare([{ name: 'counted', indexes: [['tap'], ['kind']] }]);
      const insert = (id: string, body: { tap: number; kind: string }): DocumentChange => {
        return { kind: 'insert', collection: 'counted', id, body, event: { type: 'in', data: {} } };
      };
      const tell = (counted: string): DocumentChange => {
        return { kind: 'tell', collection: 'counted', event: { type: 'report', data: { of: counted } }, counted };
      };
      await Promise.all([
        store.writeDocuments([tell('tap'), insert('a', { tap: 7, kind: 'x' }), tell('tap'), insert('b', { tap: 3, kind: 'x' })]),
        store.writeDocuments([insert('c', { tap: 7, kind: 'y' }), tell('tap'), tell('kind')]),
        store.writeDocuments([{ kind: 'remove', collection: 'counted', id: 'a' }, tell('tap')]),
        store.writeDocuments([{ kind: 'remove', collection: 'counted', id: 'c' }, tell('tap')]),
      ]);
      const log = await store.documentLog({ collection: 'counted', after: 0, limit: 100 });
      expect(log.flatMap(({ type, data }) => (type === 'report' ? [data] : []))).toEqual([
        { of: 'tap', counts: [] },
        { of: 'tap', counts: [[7, 1]] },
        {
          of: 'tap',
          counts: [
            [7, 2],
            [3, 1],
          ],
        },
        {
          of: 'kind',
          counts: [
            ['x', 2],
            ['y', 1],
          ],
        },
        {
          of: 'tap',
          counts: [
            [7, 1],
            [3, 1],
          ],
        },
        { of: 'tap', counts: [[3, 1]] },
      ]);
    });

    test('a line that is counted by what is no index is refused alone', async () => {
      const { store } = bench;
      await store.declare([{ name: 'counted', indexes: [['tap']] }]);
      const told = { kind: 'tell', collection: 'counted', event: { type: 'report', data: {} } } as const;
      const [refused, fine] = await Promise.allSettled([
        store.writeDocuments([{ ...told, counted: 'other' }]),
        store.writeDocuments([{ ...told, counted: 'tap' }]),
      ]);
      expect([refused.status, fine.status]).toEqual(['rejected', 'fulfilled']);
    });

    test('the log is read in pages without gaps or repeats, also where kinds change within a page', async () => {
      const { store } = bench;
      for (let n = 0; n < 9; n += 1) {
        if (n % 3 === 0) await submitted(bench);
        else await store.writeDocuments([poured(newId(), n), poured(newId(), n)]);
      }
      for (const read of [wholeLog, ofBeers]) {
        const whole = await read();
        const paged = [];
        for (let page = await read(0, 2); page.length > 0; page = await read(paged.at(-1)?.position, 2)) paged.push(...page);
        expect(paged).toEqual(whole);
      }
      expect(await wholeLog()).toHaveLength(15);
    });

    test('a change that is refused tells nothing, and what is only told is about no document', async () => {
      const { store } = bench;
      const event = { type: 'taps.report', data: { shares: [1, 2] } };
      const outcomes = await store.writeDocuments([
        { ...poured('a'), key: 'k' } as DocumentChange,
        { ...poured('b'), key: 'k' } as DocumentChange,
        poured('a'),
        { kind: 'replace', collection: 'beers', id: 'none', body: {}, event },
        { kind: 'remove', collection: 'beers', id: 'none', event },
        { kind: 'tell', collection: 'beers', event },
        { kind: 'insert', collection: 'beers', id: 'silent', body: {} },
        { kind: 'replace', collection: 'beers', id: 'a', body: {}, event: { type: 'beer.changed', data: {} } },
      ]);
      expect(outcomes.map(({ kind }) => kind)).toEqual([
        'written',
        'known',
        'taken',
        'absent',
        'absent',
        'told',
        'written',
        'written',
      ]);
      expect((await ofBeers()).map(({ type, id, number }) => [type, id, number])).toEqual([
        ['beer.poured', 'a', 0],
        ['taps.report', null, null],
        ['beer.changed', 'a', 0],
      ]);
    });

    test('events stay when their document goes; those of another collection are apart', async () => {
      const { store } = bench;
      await store.writeDocuments([poured('a')]);
      await store.writeDocuments([
        { kind: 'remove', collection: 'beers', id: 'a' },
        { kind: 'tell', collection: 'notes', event: { type: 'note', data: {} } },
      ]);
      expect((await ofBeers()).map(({ type }) => type)).toEqual(['beer.poured']);
      expect((await wholeLog()).map(({ type }) => type)).toEqual(['beer.poured', 'note']);
    });

    test('old events are pruned oldest first, and it is known up to where; positions go on', async () => {
      const { store, clock } = bench;
      const keepMs = 1_000;
      expect([await store.pruneDocumentLog(10, keepMs), await store.documentLogPruned()]).toEqual([0, 0]);
      await store.writeDocuments([poured(), poured(), poured()]);
      const job = await submitted(bench);
      await clock.advance(600);
      await store.writeDocuments([poured()]);
      const before = await wholeLog();
      await clock.advance(400);
      expect(await store.pruneDocumentLog(2, keepMs)).toBe(2);
      expect(await store.documentLogPruned()).toBe(before[1]?.position);
      expect([await store.pruneDocumentLog(2, keepMs), await store.pruneDocumentLog(2, keepMs)]).toEqual([1, 0]);
      expect(await store.documentLogPruned()).toBe(before[2]?.position);
      expect(await wholeLog()).toEqual(before.slice(3));
      await clock.advance(600);
      expect(await store.pruneDocumentLog(10, keepMs)).toBe(1);
      expect(await ofBeers()).toEqual([]);
      // The history of a job goes with the job.
      expect(await wholeLog()).toEqual([before[3]]);
      const end = await store.logEnd();
      await store.change({ ...cancel(job, store.now(), retentionMs), fence: { version: job.version } });
      await store.writeDocuments([poured()]);
      expect((await wholeLog(end)).map(({ position }) => position)).toEqual([end + 1, end + 2]);
      expect(await store.countDocuments({ collection: 'beers' })).toBe(5);
    });
  });
}
