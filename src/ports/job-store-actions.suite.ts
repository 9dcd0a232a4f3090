import { describe, expect, test } from 'vitest';
import { type Bench, submitted } from '../../test/support/job-store-bench.ts';
import { sampleAnswer, sampleFile, sampleJob, submissionOf } from '../../test/support/sample-jobs.ts';
import { firstIdAt, newId } from '../core/ids.ts';
import { cancel, succeed } from '../core/transitions.ts';
import type { JobAction } from './job-actions.ts';

const counts = { matched: 3, done: 0, skipped: 0, missing: 1 };

/** What a job store promises about actions on many jobs, and about what it counts. */
export function actionPromises(bench: Bench): void {
  const sampleAction = (more: Partial<JobAction> = {}): JobAction => ({
    id: newId(),
    caller: 'ann',
    action: 'cancel',
    target: { ids: ['a', 'b', 'c', 'd'] },
    cursor: null,
    counts,
    traceId: '0123456789abcdef0123456789abcdef',
    createdAt: bench.store.now(),
    finishedAt: null,
    expiresAt: bench.store.now() + 1_000,
    ...more,
  });

  describe('actions on many jobs', () => {
    test('are worked off in the order in which they came, each from where it stands', async () => {
      const { store } = bench;
      const first = sampleAction();
      const second = sampleAction({
        action: 'retry',
        target: { filter: { service: 'copy', state: 'failed', labels: { a: 'ß' } } },
      });
      expect(await store.insertAction(first)).toBe(true);
      expect(await store.insertAction(second)).toBe(true);
      expect(await store.nextAction()).toEqual(first);
      const halfway = { ...counts, done: 2 };
      const step = { id: first.id, from: null, cursor: '2', counts: halfway, finishedAt: null };
      expect(await store.advanceAction(step)).toBe(true);
      expect(await store.nextAction()).toEqual({ ...first, cursor: '2', counts: halfway });
      expect(await store.advanceAction({ ...step, counts })).toBe(false);
      const finishedAt = store.now();
      expect(await store.advanceAction({ ...step, from: '2', cursor: '4', finishedAt })).toBe(true);
      expect(await store.getAction(first.id)).toEqual({ ...first, cursor: '4', counts: halfway, finishedAt });
      expect(await store.nextAction()).toEqual(second);
      expect(await store.advanceAction({ ...step, from: '4', cursor: '5' })).toBe(false);
    });

    test('are kept with the answer for their key, or not at all', async () => {
      const { store } = bench;
      const action = sampleAction();
      expect(await store.insertAction(action, sampleAnswer('nobody'))).toBe(false);
      expect(await store.getAction(action.id)).toBeNull();
      await store.reserve({ caller: 'ann', key: 'key-1' }, 'mine', 60_000);
      expect(await store.insertAction(action, sampleAnswer('mine'))).toBe(true);
      expect(await store.reserve({ caller: 'ann', key: 'key-1' }, 'next', 60_000)).toMatchObject({ kind: 'answered' });
    });

    test('go when their time is over, unless there is something left to do', async () => {
      const { store, clock } = bench;
      const open = sampleAction();
      const finished = sampleAction({ finishedAt: store.now() });
      await store.insertAction(open);
      await store.insertAction(finished);
      clock.advance(999);
      expect(await store.prune(10, 0)).toMatchObject({ actions: 0 });
      clock.advance(1);
      expect(await store.prune(10, 0)).toMatchObject({ actions: 1 });
      expect(await store.getAction(finished.id)).toBeNull();
      expect(await store.getAction(open.id)).toEqual(open);
    });
  });

  describe('what is kept', () => {
    test('is counted as it comes and goes; bytes that files share count once', async () => {
      const { store, clock } = bench;
      const file = sampleFile(store.now(), { bytes: 1_000 });
      const copy = sampleFile(store.now(), { bytes: 1_000, blob: file.blob, expiresAt: store.now() + 10_000_000 });
      const other = sampleFile(store.now(), { bytes: 7 });
      for (const each of [file, copy, other]) await store.insertFile(each);
      const job = await submitted(bench, {});
      const { next, event } = succeed(job, [], store.now(), 3_600_000);
      await store.change({ next, event, fence: { version: job.version }, result: '{"größe":1}' });
      expect(await store.stored()).toMatchObject({ files: { count: 3, bytes: 1_007 }, results: { count: 1, bytes: 13 } });
      clock.advance(3_600_000);
      await store.prune(100, 0);
      expect(await store.stored()).toMatchObject({ files: { count: 1, bytes: 1_000 }, results: { count: 0, bytes: 0 } });
      clock.advance(10_000_000);
      await store.prune(100, 0);
      expect(await store.stored()).toMatchObject({ files: { count: 0, bytes: 0 } });
    });

    test('a result goes out of the count with the record of its job', async () => {
      const { store } = bench;
      const job = await submitted(bench);
      const { next, event } = succeed(job, [], store.now(), 3_600_000);
      await store.change({ next, event, fence: { version: job.version }, result: '{}' });
      await store.remove(job.id, next.version);
      expect(await store.stored()).toMatchObject({ results: { count: 0, bytes: 0 } });
    });

    test('jobs that wait for their time are told from those that could start', async () => {
      const { store, clock } = bench;
      const delayed = async () => (await store.queues()).map((queue) => [queue.counts.queued, queue.delayed]);
      const later = await submitted(bench, { runAt: store.now() + 1_000 });
      await submitted(bench, { runAt: store.now() + 2_000 });
      await submitted(bench);
      expect(await delayed()).toEqual([[3, 2]]);
      const { next, event } = cancel(later, store.now(), 3_600_000);
      await store.change({ next, event, fence: { version: later.version } });
      expect(await delayed()).toEqual([[2, 1]]);
      clock.advance(2_000);
      expect(await delayed()).toEqual([[2, 0]]);
      await store.claim({
        lanes: [{ service: 'copy', concurrency: null, rate: null }],
        limit: 1,
        fetchesMax: 100,
        worker: 'w',
        leaseMs: 1_000,
      });
      expect(await delayed()).toEqual([[1, 0]]);
    });
  });

  test('jobs are listed by the time of their creation', async () => {
    const { store } = bench;
    const begin = store.now();
    const ids: string[] = [];
    for (const [index, at] of [0, 1_000, 2_000, 200_000].entries()) {
      const id = firstIdAt(begin + at).slice(0, -1) + String(index);
      await store.submit([submissionOf(sampleJob(begin + at, { id, labels: { a: '1' } }))]);
      ids.push(id);
    }
    for (const labels of [{}, { a: '1' }]) {
      const listed = async (times: object) =>
        (await store.list({ caller: 'ann', labels, ...times }, 10)).map(({ id }) => ids.indexOf(id));
      expect(await listed({})).toEqual([3, 2, 1, 0]);
      expect(await listed({ createdAfter: begin + 1_000 })).toEqual([3, 2, 1]);
      expect(await listed({ createdBefore: begin + 1_000 })).toEqual([0]);
      expect(await listed({ createdAfter: begin + 1, createdBefore: begin + 2_001 })).toEqual([2, 1]);
    }
  });
}
