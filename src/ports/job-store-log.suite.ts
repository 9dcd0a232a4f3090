import { describe, expect, test } from 'vitest';
import { type Bench, leased, running, submitted, versioned } from '../../test/support/job-store-bench.ts';
import { retentionMs } from '../../test/support/sample-jobs.ts';
import { cancel, succeed } from '../core/transitions.ts';

/** What a job store promises to those who follow the log of many jobs. */
export function logPromises(bench: Bench): void {
  const log = (caller: string, after = 0, limit = 100) => bench.store.log({ caller, after, limit });
  const wholeLog = (after = 0, limit = 100) => bench.store.wholeLog({ after, limit });

  describe('the log', () => {
    test('an empty store has an empty log that ends at 0', async () => {
      expect([await log('ann'), await wholeLog(), await bench.store.logEnd()]).toEqual([[], [], 0]);
    });

    test('the log of a caller has the events of all of its jobs in order, the whole log those of all callers', async () => {
      const { store } = bench;
      const first = await running(bench);
      const other = await submitted(bench, { caller: 'ben' });
      const second = await submitted(bench, { service: 'other' });
      await store.change(leased(first, succeed(first, [], store.now(), retentionMs), { result: '{}' }));
      const anns = await log('ann');
      expect(anns.map(({ job, type }) => [job, type])).toEqual([
        [first.id, 'job.queued'],
        [first.id, 'job.started'],
        [second.id, 'job.queued'],
        [first.id, 'job.succeeded'],
      ]);
      expect(anns.map(({ caller, service }) => `${caller} ${service}`)).toEqual([
        'ann copy',
        'ann copy',
        'ann other',
        'ann copy',
      ]);
      expect(anns.filter(({ job }) => job === first.id)).toEqual(await store.events(first.id));
      expect(await log('ben')).toEqual(await store.events(other.id));
      expect(await log('nobody')).toEqual([]);
      const all = await wholeLog();
      expect(all.map(({ position }) => position)).toEqual(
        [...new Set(all.map(({ position }) => position))].sort((a, b) => a - b),
      );
      expect(all).toHaveLength(5);
      expect(await store.logEnd()).toBe(all.at(-1)?.position);
    });

    test('the log is read in pages without gaps or repeats', async () => {
      for (let n = 0; n < 7; n += 1) await submitted(bench, { caller: n % 2 === 0 ? 'ann' : 'ben' });
      for (const read of [(after = 0, limit = 100) => log('ann', after, limit), wholeLog]) {
        const whole = await read();
        const paged = [];
        for (let page = await read(0, 2); page.length > 0; page = await read(paged.at(-1)?.position, 2)) paged.push(...page);
        expect(paged).toEqual(whole);
      }
    });

    test('events of a removed job are gone from the log, and its end stays where it was', async () => {
      const { store } = bench;
      const kept = await submitted(bench);
      const job = await submitted(bench);
      await store.change(versioned(job, cancel(job, store.now(), retentionMs)));
      const end = await store.logEnd();
      await store.remove(job.id, job.version + 1);
      expect((await log('ann')).map((event) => event.job)).toEqual([kept.id]);
      expect(await store.logEnd()).toBe(end);
      const next = await submitted(bench);
      expect((await log('ann', end)).map((event) => event.job)).toEqual([next.id]);
    });
  });
}
