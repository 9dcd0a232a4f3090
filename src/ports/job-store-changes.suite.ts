import { describe, expect, test } from 'vitest';
import { type Bench, claim, leased, running, submitted, versioned } from '../../test/support/job-store-bench.ts';
import { retentionMs, sampleAnswer, sampleFile } from '../../test/support/sample-jobs.ts';
import { newId } from '../core/ids.ts';
import { cancel, fail, release, retryLater, startOver, succeed } from '../core/transitions.ts';

/** What a job store promises about changes of state: fences, leases, deadlines. */
export function changePromises(bench: Bench): void {
  describe('change', () => {
    test('a settled job has its result, its outputs and its event in one commit', async () => {
      const { store } = bench;
      const job = await running(bench);
      const output = sampleFile(store.now(), { job: job.id, expiresAt: store.now() + 1 });
      const done = succeed(job, [output.id], store.now(), retentionMs);
      expect(await store.change(leased(job, done, { result: '{"pages":7}', outputs: [output] }))).toBe(true);
      expect(await store.get(job.id)).toEqual(done.next);
      expect(await store.getResult(job.id)).toBe('{"pages":7}');
      // A file of a job lives as long as its result.
      expect(await store.getFile(output.id)).toEqual({ ...output, expiresAt: done.next.expiresAt });
      expect((await store.events(job.id)).map(({ type }) => type)).toEqual(['job.queued', 'job.started', 'job.succeeded']);
    });

    test('who no longer holds the lease cannot write, and nothing of the attempt is kept', async () => {
      const { store, clock } = bench;
      const first = await running(bench);
      clock.advance(20_000);
      await store.change(versioned(first, release(first, 'its worker was lost')));
      const [second] = await claim(bench, 1, 'copy');
      if (second === undefined) throw new Error('no job');
      const output = sampleFile(store.now(), { job: first.id });
      const late = succeed(first, [output.id], store.now(), retentionMs);
      const before = await store.events(first.id);
      expect(await store.change(leased(first, late, { result: '"late"', outputs: [output] }))).toBe(false);
      expect(await store.get(first.id)).toEqual(second);
      expect(await store.getResult(first.id)).toBeNull();
      expect(await store.getFile(output.id)).toBeNull();
      expect(await store.events(first.id)).toEqual(before);
    });

    test('a canceled job refuses its worker, a settled one refuses to be canceled, and neither is settled twice', async () => {
      const { store } = bench;
      const canceled = await running(bench);
      expect(await store.change(versioned(canceled, cancel(canceled, store.now(), retentionMs)))).toBe(true);
      expect(await store.change(leased(canceled, succeed(canceled, [], store.now(), retentionMs)))).toBe(false);
      const settled = await running(bench);
      const done = leased(settled, succeed(settled, [], store.now(), retentionMs));
      expect(await store.change(done)).toBe(true);
      expect(await store.change(done)).toBe(false);
      expect(await store.change(versioned(settled, cancel(settled, store.now(), retentionMs)))).toBe(false);
    });

    test('of many who change the same version one gets through', async () => {
      const { store } = bench;
      const job = await submitted(bench);
      const changes = Array.from({ length: 20 }, () => store.change(versioned(job, cancel(job, store.now(), retentionMs))));
      expect((await Promise.all(changes)).filter(Boolean)).toHaveLength(1);
      expect((await store.events(job.id)).map(({ type }) => type)).toEqual(['job.queued', 'job.canceled']);
    });

    test('a failed job that starts over runs again with a clean record', async () => {
      const { store, clock } = bench;
      const job = await running(bench);
      const failed = fail(job, 'executor-crashed', 'It died.', store.now(), retentionMs);
      await store.change(leased(job, failed));
      clock.advance(1_000);
      const again = startOver(failed.next, store.now());
      expect(await store.change(versioned(failed.next, again))).toBe(true);
      expect(await store.get(job.id)).toEqual(again.next);
      expect((await claim(bench, 1, 'copy'))[0]).toMatchObject({ id: job.id, attempt: 1, error: null, finishedAt: null });
    });

    test('a change of a job that is not there is refused', async () => {
      const job = await running(bench);
      const unknown = { ...job, id: newId() };
      expect(await bench.store.change(leased(unknown, succeed(unknown, [], bench.store.now(), retentionMs)))).toBe(false);
    });

    test('a change whose reservation was lost is refused whole', async () => {
      const { store } = bench;
      const job = await submitted(bench);
      const canceled = cancel(job, store.now(), retentionMs);
      expect(await store.change(versioned(job, canceled, { answer: sampleAnswer('nobody') }))).toBe(false);
      expect(await store.get(job.id)).toEqual(job);
      await store.reserve({ caller: 'ann', key: 'key-1' }, 'mine', 60_000);
      expect(await store.change(versioned(job, canceled, { answer: sampleAnswer('mine') }))).toBe(true);
      expect(await store.reserve({ caller: 'ann', key: 'key-1' }, 'next', 60_000)).toMatchObject({ kind: 'answered' });
    });
  });

  describe('leases', () => {
    test('a heartbeat extends the lease and stores progress without a new version', async () => {
      const { store, clock } = bench;
      const job = await running(bench);
      clock.advance(15_000);
      const progress = { fraction: 0.4, message: 'page 2 of 5' };
      expect(await store.heartbeat([{ job: job.id, lease: job.lease?.token ?? '', progress }], 20_000)).toEqual([]);
      const extended = { ...job, progress, lease: { ...job.lease, expiresAt: store.now() + 20_000 } };
      expect(await store.get(job.id)).toEqual(extended);
      await store.heartbeat([{ job: job.id, lease: job.lease?.token ?? '', progress: null }], 20_000);
      expect(await store.get(job.id)).toEqual(extended);
      clock.advance(19_999);
      expect(await store.lost(10)).toEqual([]);
    });

    test('a heartbeat names the leases that no longer hold and extends the others', async () => {
      const { store } = bench;
      const kept = await running(bench);
      const stopped = await running(bench);
      await store.change(versioned(stopped, cancel(stopped, store.now(), retentionMs)));
      const beats = [kept, stopped].map(({ id, lease }) => ({ job: id, lease: lease?.token ?? '', progress: null }));
      const strange = { job: newId(), lease: 'made-up', progress: null };
      expect(await store.heartbeat([...beats, strange], 50_000)).toEqual([stopped.lease?.token, 'made-up']);
      expect((await store.get(kept.id))?.lease?.expiresAt).toBe(store.now() + 50_000);
      expect((await store.get(stopped.id))?.lease).toBeNull();
    });

    test('running jobs are lost once their lease has run out, the oldest lease first; on demand all are named', async () => {
      const { store, clock } = bench;
      const first = await running(bench);
      clock.advance(1_000);
      const second = await running(bench);
      expect(await store.lost(10)).toEqual([]);
      expect((await store.lost(10, true)).map(({ id }) => id)).toEqual([first.id, second.id]);
      clock.advance(19_000);
      expect(await store.lost(10)).toEqual([first]);
      clock.advance(1_000);
      expect(await store.lost(10)).toEqual([first, second]);
      expect(await store.lost(1)).toEqual([first]);
    });

    test('queued and running jobs past their deadline are named, others are not', async () => {
      const { store, clock } = bench;
      const deadline = store.now() + 1_000;
      const run = await running(bench, { deadline });
      const ended = await running(bench, { deadline });
      await store.change(leased(ended, succeed(ended, [], store.now(), retentionMs)));
      const waiting = await submitted(bench, { deadline: deadline + 1 });
      await submitted(bench);
      const retried = await running(bench, { service: 'other', deadline: deadline - 1 });
      const again = retryLater(retried, 'executor-crashed', 'It died.', store.now() + 60_000);
      await store.change(leased(retried, again));
      expect(await store.pastDeadline(10)).toEqual([]);
      clock.advance(1_000);
      expect(await store.pastDeadline(10)).toEqual([again.next, run]);
      clock.advance(1);
      expect(await store.pastDeadline(10)).toEqual([again.next, run, waiting]);
      expect(await store.pastDeadline(2)).toHaveLength(2);
    });
  });
}
