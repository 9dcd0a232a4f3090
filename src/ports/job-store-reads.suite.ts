import { describe, expect, test } from 'vitest';
import { type Bench, leased, running, submitted, versioned } from '../../test/support/job-store-bench.ts';
import { retentionMs } from '../../test/support/sample-jobs.ts';
import { newId } from '../core/ids.ts';
import type { Job } from '../core/job.ts';
import { cancel, fail, succeed } from '../core/transitions.ts';
import type { JobFilter } from './job-store.ts';

/** What a job store promises to those who look. */
export function readPromises(bench: Bench): void {
  const listed = async (filter: Partial<JobFilter>, limit = 100, before?: string) =>
    (await bench.store.list({ caller: 'ann', ...filter }, limit, before)).map(({ id }) => id);

  async function succeeded(more: Partial<Job>): Promise<Job> {
    const job = await running(bench, more);
    const done = succeed(job, [], bench.store.now(), retentionMs);
    await bench.store.change(leased(job, done, { result: '{}' }));
    return done.next;
  }

  describe('reading', () => {
    test('what is not there is null or empty', async () => {
      const { store } = bench;
      const id = newId();
      expect([await store.get(id), await store.getResult(id), await store.getFile(id)]).toEqual([null, null, null]);
      expect([await store.events(id), await store.list({ caller: 'ann' }, 10), await store.line('copy', 10)]).toEqual([
        [],
        [],
        [],
      ]);
      expect([await store.queues(), await store.lost(10), await store.pastDeadline(10)]).toEqual([[], [], []]);
    });

    test('a list has the jobs of one caller, newest first, in pages without gaps', async () => {
      const jobs: string[] = [];
      for (let n = 0; n < 7; n += 1) jobs.unshift((await submitted(bench)).id);
      await submitted(bench, { caller: 'ben' });
      expect(await listed({})).toEqual(jobs);
      const first = await listed({}, 3);
      const second = await listed({}, 3, first.at(-1));
      const third = await listed({}, 3, second.at(-1));
      expect([first, second, third]).toEqual([jobs.slice(0, 3), jobs.slice(3, 6), jobs.slice(6)]);
      expect(await listed({}, 3, third.at(-1))).toEqual([]);
    });

    test('a list can be narrowed by service, state and labels, alone and together', async () => {
      const { store } = bench;
      const plain = await submitted(bench);
      const red = await submitted(bench, { labels: { color: 'red', size: 'L' } });
      const redOther = await submitted(bench, { service: 'other', labels: { color: 'red', size: 'S' } });
      const blue = await submitted(bench, { service: 'other', labels: { color: 'blue', size: 'L' } });
      await submitted(bench, { caller: 'ben', labels: { color: 'red', size: 'L' } });
      await store.change(versioned(blue, cancel(blue, store.now(), retentionMs)));

      expect(await listed({ service: 'copy' })).toEqual([red.id, plain.id]);
      expect(await listed({ state: 'canceled' })).toEqual([blue.id]);
      expect(await listed({ state: 'queued', service: 'other' })).toEqual([redOther.id]);
      expect(await listed({ labels: { color: 'red' } })).toEqual([redOther.id, red.id]);
      expect(await listed({ labels: { color: 'red' } }, 10, redOther.id)).toEqual([red.id]);
      expect(await listed({ labels: { color: 'red', size: 'L' } })).toEqual([red.id]);
      expect(await listed({ labels: { color: 'red' }, service: 'other', state: 'queued' })).toEqual([redOther.id]);
      expect(await listed({ labels: { color: 'green' } })).toEqual([]);
      expect(await listed({ labels: { size: 'red' } })).toEqual([]);
      await store.remove(blue.id, blue.version + 1);
      expect(await listed({ labels: { color: 'blue' } })).toEqual([]);
    });

    test('the history of a job is in order and can be read from any place on', async () => {
      const { store, clock } = bench;
      const started = await running(bench);
      await submitted(bench, { service: 'other' });
      clock.advance(1_500);
      const failed = fail(started, 'executor-crashed', 'It died.', store.now(), retentionMs);
      await store.change(leased(started, failed));
      const events = await store.events(started.id);
      expect(events.map(({ type }) => type)).toEqual(['job.queued', 'job.started', 'job.failed']);
      expect(events.map(({ at }) => at - started.createdAt)).toEqual([0, 0, 1_500]);
      expect(events[2]).toMatchObject({ data: failed.event.data, caller: 'ann', service: 'copy', job: started.id });
      const positions = events.map(({ position }) => position);
      expect(positions).toEqual([...new Set(positions)].sort((a, b) => a - b));
      expect(await store.events(started.id, positions[0])).toEqual(events.slice(1));
      expect(await store.events(started.id, positions[0], 1)).toEqual(events.slice(1, 2));
      expect(await store.events(started.id, positions[2])).toEqual([]);
    });

    test('positions rise on after the newest events were deleted', async () => {
      const { store } = bench;
      const { id, version } = await succeeded({});
      const last = (await store.events(id)).at(-1)?.position ?? 0;
      await store.remove(id, version);
      const next = await submitted(bench);
      expect((await store.events(next.id))[0]?.position).toBeGreaterThan(last);
    });

    test('a result that was made by another version is filed under no key', async () => {
      const { store } = bench;
      const job = await running(bench, { reuseKey: 'key' });
      const { next, event } = succeed(job, [], store.now(), retentionMs);
      expect(await store.change(leased(job, { next: { ...next, reuseKey: null }, event }, { result: '{}' }))).toBe(true);
      expect([(await store.get(job.id))?.reuseKey, await store.findReusable('key')]).toEqual([null, null]);
    });

    test('the newest result with a reuse key is found as long as it is there', async () => {
      const { store, clock } = bench;
      const older = await succeeded({ reuseKey: 'key' });
      const newer = await succeeded({ reuseKey: 'key' });
      await succeeded({ reuseKey: null });
      await submitted(bench, { reuseKey: 'key' });
      expect(await store.findReusable('key')).toEqual(newer);
      await store.remove(newer.id, newer.version);
      expect(await store.findReusable('key')).toEqual(older);
      expect(await store.findReusable('other')).toBeNull();
      clock.advance(retentionMs);
      expect(await store.findReusable('key')).toBeNull();
      await store.prune(100, retentionMs);
      expect(await store.findReusable('key')).toBeNull();
    });

    test('queues tell counts, pauses and the longest wait of the jobs that are due', async () => {
      const { store, clock } = bench;
      const began = store.now();
      await store.setPaused('idle', true);
      await succeeded({ service: 'copy' });
      clock.advance(1_000);
      await submitted(bench, { service: 'copy', priority: -5 });
      clock.advance(1_000);
      await submitted(bench, { service: 'copy' });
      const delayed = await submitted(bench, { service: 'later', runAt: store.now() + 500 });
      const none = { queued: 0, running: 0, succeeded: 0, failed: 0, canceled: 0 };
      expect(await store.queues()).toEqual([
        {
          service: 'copy',
          paused: false,
          counts: { ...none, queued: 2, succeeded: 1 },
          delayed: 0,
          oldestQueuedAt: began + 1_000,
        },
        { service: 'idle', paused: true, counts: none, delayed: 0, oldestQueuedAt: null },
        { service: 'later', paused: false, counts: { ...none, queued: 1 }, delayed: 1, oldestQueuedAt: null },
      ]);
      clock.advance(500);
      expect((await store.queues()).at(-1)?.oldestQueuedAt).toBe(delayed.createdAt);
    });

    test('the store tells its time and that it answers', async () => {
      const { store, clock } = bench;
      clock.advance(123);
      expect(store.now()).toBe(clock.now());
      await expect(store.check()).resolves.toBeUndefined();
    });

    test('writes that were begun before the store is closed are finished', async () => {
      const jobs = Array.from({ length: 5 }, () => submitted(bench));
      await bench.store.close();
      expect(await Promise.all(jobs)).toHaveLength(5);
    });
  });
}
