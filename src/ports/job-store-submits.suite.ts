import { describe, expect, test } from 'vitest';
import { type Bench, claim, leased, submitted } from '../../test/support/job-store-bench.ts';
import { retentionMs, sampleAnswer, sampleFile, sampleJob, submissionOf } from '../../test/support/sample-jobs.ts';
import { newId } from '../core/ids.ts';
import { succeed } from '../core/transitions.ts';
import { sourceOf } from '../engine/files.ts';
import type { Submission } from './job-store.ts';

/** What a job store promises to whoever hands in jobs. */
export function submitPromises(bench: Bench): void {
  describe('submit', () => {
    test('a stored job reads back as it was handed in, with its history and its input', async () => {
      const { store } = bench;
      const id = newId();
      const input = sampleFile(store.now(), { job: id });
      const job = sampleJob(store.now(), {
        id,
        source: sourceOf(input),
        labels: { case: 'A-17', größe: 'ß "quoted"' },
        priority: -7,
        deadline: store.now() + 5_000,
        reuseKey: 'same',
      });
      expect(await store.submit([submissionOf(job, { input })])).toEqual(['stored']);
      expect(await store.get(job.id)).toEqual(job);
      expect(await store.getFile(input.id)).toEqual(input);
      expect(await store.events(job.id)).toMatchObject([
        { type: 'job.queued', data: {}, job: job.id, caller: 'ann', service: 'copy', at: store.now() },
      ]);
    });

    test('jobs of one call are stored in order, each whole or not at all', async () => {
      const { store } = bench;
      const gone = sampleJob(store.now(), { source: sourceOf(sampleFile(store.now())) });
      const good = [sampleJob(store.now()), sampleJob(store.now())] as const;
      const outcomes = await store.submit([submissionOf(good[0]), submissionOf(gone), submissionOf(good[1])]);
      expect(outcomes).toEqual(['stored', 'file-gone', 'stored']);
      expect(await store.get(gone.id)).toBeNull();
      expect(await store.events(gone.id)).toEqual([]);
      const positions = await Promise.all(good.map(async ({ id }) => (await store.events(id))[0]?.position ?? 0));
      expect(positions[0]).toBeLessThan(positions[1] ?? 0);
    });

    test('a submission that breaks half way harms none of those that share its commit', async () => {
      const { store } = bench;
      const taken = await submitted(bench);
      const input = sampleFile(store.now());
      // Its input is new, its id is not: the store must not keep the half that it could have written.
      const broken = submissionOf({ ...taken, source: sourceOf(input) }, { input });
      const good = Array.from({ length: 20 }, () => sampleJob(store.now()));
      const results = await Promise.allSettled([
        ...good.slice(0, 10).map((job) => store.submit([submissionOf(job)])),
        store.submit([broken]),
        ...good.slice(10).map((job) => store.submit([submissionOf(job)])),
      ]);
      expect(results.map(({ status }) => status)).toEqual([
        ...Array.from({ length: 10 }, () => 'fulfilled'),
        'rejected',
        ...Array.from({ length: 10 }, () => 'fulfilled'),
      ]);
      expect(await store.getFile(input.id)).toBeNull();
      expect(await store.get(taken.id)).toEqual(taken);
      for (const job of good) expect(await store.get(job.id)).toEqual(job);
    });

    test('a full queue refuses, whoever filled it, also among submissions that share a commit', async () => {
      const { store } = bench;
      await submitted(bench, { caller: 'bob', service: 'other', runAt: store.now() + 1_000 });
      const jobs = Array.from({ length: 4 }, () => submissionOf(sampleJob(store.now()), { queuedMax: 3 }));
      const outcomes = (await Promise.all(jobs.map((job) => store.submit([job])))).flat();
      expect(outcomes).toEqual(['stored', 'stored', 'queue-full', 'queue-full']);
      await claim(bench, 1, 'copy');
      expect(await store.submit([submissionOf(sampleJob(store.now()), { queuedMax: 3 })])).toEqual(['stored']);
    });

    test('a source must be there: a file that has expired refuses the job', async () => {
      const { store, clock } = bench;
      const file = sampleFile(store.now(), { expiresAt: store.now() + 1_000 });
      await store.insertFile(file);
      const submit = () => store.submit([submissionOf(sampleJob(store.now(), { service: 'later', source: sourceOf(file) }))]);
      clock.advance(999);
      const first = sampleJob(store.now(), { source: sourceOf(file) });
      expect(await store.submit([submissionOf(first)])).toEqual(['stored']);
      clock.advance(1);
      const [job] = await claim(bench, 1, 'copy');
      if (job === undefined) throw new Error('no job');
      await store.change(leased(job, succeed(job, [], store.now(), retentionMs)));
      expect(await submit()).toEqual(['file-gone']);
    });

    test('a reused result is stored with new files that share the blobs of the old ones', async () => {
      const { store } = bench;
      const original = sampleFile(store.now());
      await store.insertFile(original);
      const { submission, copy } = reuseOf(bench, original.id);
      expect(await store.submit([submission])).toEqual(['stored']);
      expect(await store.get(submission.job.id)).toEqual(submission.job);
      expect(await store.getResult(submission.job.id)).toBe('{"same":true}');
      expect((await store.events(submission.job.id)).map(({ type }) => type)).toEqual(['job.queued', 'job.succeeded']);
      expect(await store.getFile(copy.id)).toEqual({ ...copy, blob: original.blob });
      expect(await claim(bench, 1, 'copy')).toEqual([]);
    });

    test('a running job ends with a reused result, if its lease holds and the old files are there', async () => {
      const { store } = bench;
      const original = sampleFile(store.now());
      await store.insertFile(original);
      await submitted(bench);
      const [job] = await claim(bench, 1, 'copy');
      if (job === undefined) throw new Error('no job');
      const endWith = (from: string) => {
        const copy = sampleFile(store.now(), { job: job.id });
        const { next, event } = succeed(job, [copy.id], store.now(), retentionMs);
        const reuse = { result: '{"same":true}', files: [{ from, file: { ...copy, expiresAt: next.expiresAt } }] };
        return { copy, change: leased(job, { next: { ...next, reusedFrom: newId() }, event }, { reuse }) };
      };
      const gone = endWith(newId());
      const { copy, change } = endWith(original.id);
      expect(await store.change(gone.change)).toBe(false);
      expect(await store.change({ ...change, fence: { lease: 'another' } })).toBe(false);
      expect(await store.get(job.id)).toEqual(job);
      expect([await store.getFile(copy.id), await store.getFile(gone.copy.id), await store.getResult(job.id)]).toEqual([
        null,
        null,
        null,
      ]);

      expect(await store.change(change)).toBe(true);
      expect(await store.get(job.id)).toEqual(change.next);
      expect(await store.getResult(job.id)).toBe('{"same":true}');
      expect(await store.getFile(copy.id)).toEqual({ ...copy, blob: original.blob, expiresAt: change.next.expiresAt });
    });

    test('a reused result takes no place in a full queue', async () => {
      const { store } = bench;
      const original = sampleFile(store.now());
      await store.insertFile(original);
      const { submission } = reuseOf(bench, original.id);
      expect(await store.submit([{ ...submission, queuedMax: 0 }])).toEqual(['stored']);
    });

    test('a result whose files are gone is not reused, and nothing is stored', async () => {
      const { store } = bench;
      const { submission, copy } = reuseOf(bench, newId());
      expect(await store.submit([submission])).toEqual(['file-gone']);
      expect(await store.get(submission.job.id)).toBeNull();
      expect(await store.getFile(copy.id)).toBeNull();
    });

    test('the answer for an idempotency key is kept in the commit of its job', async () => {
      const { store } = bench;
      await store.reserve({ caller: 'ann', key: 'key-1' }, 'token-1', 60_000);
      const kept = sampleAnswer('token-1');
      expect(await store.submit([submissionOf(sampleJob(store.now()), { answer: kept })])).toEqual(['stored']);
      const repeated = await store.reserve({ caller: 'ann', key: 'key-1' }, 'token-2', 60_000);
      expect(repeated).toEqual({ kind: 'answered', fingerprint: kept.fingerprint, answer: kept.answer });
    });

    test('a submission whose reservation was taken over writes nothing', async () => {
      const { store, clock } = bench;
      await store.reserve({ caller: 'ann', key: 'key-1' }, 'slow', 1_000);
      clock.advance(1_000);
      expect(await store.reserve({ caller: 'ann', key: 'key-1' }, 'quick', 1_000)).toEqual({ kind: 'reserved' });
      const input = sampleFile(store.now());
      const slow = submissionOf(sampleJob(store.now(), { source: sourceOf(input) }), { input, answer: sampleAnswer('slow') });
      const quick = submissionOf(sampleJob(store.now()), { answer: sampleAnswer('quick') });
      expect(await store.submit([slow, quick, { ...quick, job: sampleJob(store.now()) }])).toEqual([
        'reservation-lost',
        'stored',
        'reservation-lost',
      ]);
      expect(await store.get(slow.job.id)).toBeNull();
      expect(await store.getFile(input.id)).toBeNull();
    });
  });
}

function reuseOf({ store }: Bench, from: string): { submission: Submission; copy: ReturnType<typeof sampleFile> } {
  const id = newId();
  const copy = sampleFile(store.now(), { job: id });
  const queued = sampleJob(store.now(), { id, reusedFrom: newId() });
  const { next, event } = succeed(queued, [copy.id], store.now(), retentionMs);
  const events = [{ type: 'job.queued' as const, data: {} }, event];
  const submission = submissionOf(next, { events, reuse: { result: '{"same":true}', files: [{ from, file: copy }] } });
  return { submission, copy };
}
