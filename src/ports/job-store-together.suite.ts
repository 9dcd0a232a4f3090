import { describe, expect, test } from 'vitest';
import { type Bench, claim, submitted } from '../../test/support/job-store-bench.ts';
import { sampleAnswer, sampleFile, sampleJob, submissionOf } from '../../test/support/sample-jobs.ts';
import { sourceOf } from '../engine/files.ts';

const key = { caller: 'ann', key: 'key-1' };

/** What a job store promises about jobs that are handed in together. */
export function togetherPromises(bench: Bench): void {
  describe('jobs handed in together', () => {
    const jobs = (count: number, more: Partial<ReturnType<typeof sampleJob>> = {}) =>
      Array.from({ length: count }, () => sampleJob(bench.store.now(), more));

    test('are stored with their answer, in order', async () => {
      const { store } = bench;
      await store.reserve(key, 'mine', 60_000);
      const all = jobs(600, { labels: { of: 'one call' } });
      const kept = sampleAnswer('mine');
      expect(
        await store.submitTogether(
          all.map((job) => submissionOf(job)),
          kept,
        ),
      ).toEqual({ kind: 'stored' });
      const listed = await store.list({ caller: 'ann', labels: { of: 'one call' } }, 1_000);
      expect(listed).toEqual(all.toReversed());
      expect(await store.reserve(key, 'again', 60_000)).toMatchObject({ kind: 'answered', answer: kept.answer });
      expect((await store.queues())[0]?.counts.queued).toBe(600);
    });

    test('count and take turns as each alone would, whatever callers, services, states and times are mixed', async () => {
      const { store } = bench;
      const now = store.now();
      const all = Array.from({ length: 200 }, (_, n) =>
        sampleJob(now, {
          caller: n % 50 < 47 ? 'ann' : 'bob',
          service: n % 3 === 0 ? 'copy' : 'scan',
          runAt: n % 40 === 0 ? now + 1_000 : now,
          labels: { n: `${n}` },
          ...(n === 199 ? { state: 'succeeded', finishedAt: now } : {}),
        }),
      );
      await submitted(bench);
      const together = await store.submitTogether(all.map((job) => submissionOf(job)));
      expect(together).toEqual({ kind: 'stored' });
      const queued = (service: string) => all.filter((job) => job.service === service && job.state === 'queued');
      const later = (service: string) => queued(service).filter((job) => job.runAt > now);
      expect(await store.queues()).toMatchObject([
        { service: 'copy', counts: { queued: queued('copy').length + 1 }, delayed: later('copy').length },
        { service: 'scan', counts: { queued: queued('scan').length, succeeded: 1 }, delayed: later('scan').length },
      ]);
      const started = await claim(bench, 4, 'scan');
      expect(started.map((job) => job.caller)).toEqual(['ann', 'bob', 'ann', 'bob']);
      for (const job of all.slice(-40)) {
        expect((await store.events(job.id)).map(({ type }) => type)).toEqual(['job.queued']);
        expect(await store.list({ caller: job.caller, labels: job.labels }, 2)).toHaveLength(1);
      }
    });

    test('none is stored where one is refused, and each hears what alone would have become of it', async () => {
      const { store } = bench;
      await store.reserve(key, 'mine', 60_000);
      await submitted(bench);
      const [first, second, third] = jobs(3);
      const gone = sampleJob(store.now(), { source: sourceOf(sampleFile(store.now())) });
      const all = [first, gone, second, third].flatMap((job) => (job === undefined ? [] : [submissionOf(job, { queuedMax: 3 })]));
      expect(await store.submitTogether(all, sampleAnswer('mine'))).toEqual({
        kind: 'refused',
        outcomes: ['stored', 'file-gone', 'stored', 'queue-full'],
      });
      for (const { job } of all) expect(await store.get(job.id)).toBeNull();
      expect(await store.reserve(key, 'mine', 60_000)).toEqual({ kind: 'reserved' });
    });

    test('nothing is stored where the reservation of their key was taken over, not even of none', async () => {
      const { store } = bench;
      const [job] = jobs(1);
      if (job === undefined) throw new Error('no job');
      await store.reserve(key, 'other', 60_000);
      expect(await store.submitTogether([submissionOf(job)], sampleAnswer('mine'))).toEqual({ kind: 'reservation-lost' });
      expect(await store.submitTogether([], sampleAnswer('mine'))).toEqual({ kind: 'reservation-lost' });
      expect(await store.get(job.id)).toBeNull();
      expect(await store.submitTogether([], sampleAnswer('other'))).toEqual({ kind: 'stored' });
      expect(await store.reserve(key, 'next', 60_000)).toMatchObject({ kind: 'answered' });
    });

    test('one that breaks takes the others of its call with it, and no write beside them', async () => {
      const { store } = bench;
      const taken = await submitted(bench);
      const [lost, neighbour] = jobs(2);
      if (lost === undefined || neighbour === undefined) throw new Error('no jobs');
      const outcomes = await Promise.allSettled([
        store.submit([submissionOf(neighbour)]),
        store.submitTogether([submissionOf(lost), submissionOf(taken)]),
      ]);
      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
      expect(await store.get(lost.id)).toBeNull();
      expect(await store.get(neighbour.id)).toEqual(neighbour);
    });
  });
}
