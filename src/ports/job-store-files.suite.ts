import { describe, expect, test } from 'vitest';
import { type Bench, claim, leased, running, submitted, versioned } from '../../test/support/job-store-bench.ts';
import { retentionMs, sampleFile, sampleJob, submissionOf } from '../../test/support/sample-jobs.ts';
import { newId } from '../core/ids.ts';
import type { Job, StoredFile } from '../core/job.ts';
import { cancel, fail, startOver, succeed } from '../core/transitions.ts';
import { sourceOf } from '../engine/files.ts';

const day = 86_400_000;

/** What a job store promises about files, removal and retention. */
export function filePromises(bench: Bench): void {
  async function withInput(more: Partial<StoredFile> = {}): Promise<{ job: Job; input: StoredFile }> {
    const id = newId();
    const input = sampleFile(bench.store.now(), { job: id, ...more });
    const job = sampleJob(bench.store.now(), { id, source: sourceOf(input) });
    await bench.store.submit([submissionOf(job, { input })]);
    return { job, input };
  }

  async function succeeded(): Promise<{ job: Job; output: StoredFile }> {
    const job = await running(bench);
    const output = sampleFile(bench.store.now(), { job: job.id });
    const done = succeed(job, [output.id], bench.store.now(), retentionMs);
    await bench.store.change(leased(job, done, { result: '{}', outputs: [output] }));
    return { job: done.next, output };
  }

  describe('files', () => {
    test('a file is there until it expires', async () => {
      const { store, clock } = bench;
      const file = sampleFile(store.now(), { name: null, picture: null, expiresAt: store.now() + 1_000 });
      expect(await store.insertFile(file)).toBe(true);
      clock.advance(999);
      expect(await store.getFile(file.id)).toEqual(file);
      clock.advance(1);
      expect(await store.getFile(file.id)).toBeNull();
      expect(await store.expireFile(file.id)).toBe('absent');
    });

    test('the file that was fetched for a running job becomes its source, if the lease holds', async () => {
      const { store } = bench;
      const link = { url: 'https://example.org/a.png', fresh: true };
      await store.submit([submissionOf(sampleJob(store.now(), { link }))]);
      const [job] = await claim(bench, 1, 'copy');
      if (job === undefined) throw new Error('no job');
      expect(job).toMatchObject({ link, source: null });
      const input = sampleFile(store.now(), { job: job.id, name: null, picture: null, expiresAt: store.now() });
      const source = sourceOf(input);
      if (source === null) throw new Error('no source');
      const attached = { job: job.id, lease: job.lease?.token ?? '', input, source, reuseKey: 'key' };

      expect(await store.attachInput({ ...attached, lease: 'another' })).toBe(false);
      expect(await store.getFile(input.id)).toBeNull();
      expect(await store.attachInput(attached)).toBe(true);
      expect(await store.get(job.id)).toEqual({ ...job, source, reuseKey: 'key' });
      expect(await store.getFile(input.id)).toEqual(input);
      expect(await store.expireFile(input.id)).toBe('in-use');

      const canceled = cancel(job, store.now(), retentionMs);
      expect(await store.change(versioned(job, canceled))).toBe(true);
      expect(await store.get(job.id)).toEqual({ ...canceled.next, source, reuseKey: 'key' });
      expect(await store.getFile(input.id)).toMatchObject({ expiresAt: canceled.next.expiresAt });
      expect(await store.attachInput(attached)).toBe(false);
    });

    test('a file can be made to expire, unless a queued or running job needs it', async () => {
      const { store } = bench;
      const { job, input } = await withInput();
      expect(await store.expireFile(input.id)).toBe('in-use');
      const [claimed] = await claim(bench, 1, 'copy');
      if (claimed === undefined) throw new Error('no job');
      expect(await store.expireFile(input.id)).toBe('in-use');
      await store.change(leased(claimed, succeed(claimed, [], store.now(), retentionMs)));
      expect(await store.expireFile(input.id)).toBe('expired');
      expect(await store.expireFile(input.id)).toBe('absent');
      expect(await store.getFile(input.id)).toBeNull();
      expect((await store.get(job.id))?.source?.file).toBe(input.id);
    });

    test('the input of a job expires with its result', async () => {
      const { store, clock } = bench;
      const { input } = await withInput({ expiresAt: store.now() + 10 });
      clock.advance(30 * day);
      expect(await store.getFile(input.id)).toEqual(input);
      const [job] = await claim(bench, 1, 'copy');
      if (job === undefined) throw new Error('no job');
      const failed = fail(job, 'unprocessable-media', 'It is damaged.', store.now(), retentionMs);
      await store.change(leased(job, failed));
      clock.advance(retentionMs - 1);
      expect(await store.getFile(input.id)).toEqual({ ...input, expiresAt: failed.next.expiresAt });
      clock.advance(1);
      expect(await store.getFile(input.id)).toBeNull();
    });

    test('the bytes of a small blob are kept in the commit of what refers to them', async () => {
      const { store, clock } = bench;
      const contents = [1, 2, 3].map((byte) => ({ blob: newId(), bytes: new Uint8Array([byte, 0, 255]) }));
      const [first, second, third] = contents;
      if (first === undefined || second === undefined || third === undefined) throw new Error('no contents');
      await store.insertFile(sampleFile(store.now(), { blob: first.blob }), undefined, first);
      const input = sampleFile(store.now(), { blob: second.blob });
      await store.submit([submissionOf(sampleJob(store.now(), { source: sourceOf(input) }), { input, contents: [second] })]);
      const [job] = await claim(bench, 1, 'copy');
      if (job === undefined) throw new Error('no job');
      const output = sampleFile(store.now(), { blob: third.blob, job: job.id });
      const done = succeed(job, [output.id], store.now(), retentionMs);
      await store.change({ ...leased(job, done), outputs: [output], contents: [third], result: '{}' });
      for (const { blob, bytes } of contents) expect(Uint8Array.from((await store.getContent(blob)) ?? [])).toEqual(bytes);
      expect(await store.getContent(newId())).toBeNull();

      clock.advance(retentionMs + day);
      expect(await store.prune(100, day)).toMatchObject({ files: 3, blobs: [] });
      for (const { blob } of contents) expect(await store.getContent(blob)).toBeNull();
    });

    test('the bytes of a small blob stay as long as one file refers to them', async () => {
      const { store, clock } = bench;
      const content = { blob: newId(), bytes: new Uint8Array([7]) };
      await store.insertFile(sampleFile(store.now(), { blob: content.blob, expiresAt: store.now() + 10 }), undefined, content);
      await store.insertFile(sampleFile(store.now(), { blob: content.blob }));
      clock.advance(10);
      expect(await store.prune(100, day)).toMatchObject({ files: 1, blobs: [] });
      expect(await store.getContent(content.blob)).toHaveLength(1);
    });

    test('a change that its fence refuses keeps no bytes', async () => {
      const { store } = bench;
      const job = await running(bench);
      const content = { blob: newId(), bytes: new Uint8Array([7]) };
      const late = { ...job, lease: { ...(job.lease ?? { worker: '', expiresAt: 0 }), token: 'another' } };
      expect(await store.change(leased(late, succeed(job, [], store.now(), retentionMs), { contents: [content] }))).toBe(false);
      expect(await store.getContent(content.blob)).toBeNull();
    });

    test('blobs that no file refers to are told from the others', async () => {
      const { store } = bench;
      const file = sampleFile(store.now());
      await store.insertFile(file);
      await store.insertFile({ ...sampleFile(store.now()), blob: file.blob });
      expect(await store.unreferencedBlobs(['loose', file.blob, 'other'])).toEqual(['loose', 'other']);
      expect(await store.unreferencedBlobs([])).toEqual([]);
    });
  });

  describe('remove', () => {
    test('a removed job is gone with its result, its history and its files', async () => {
      const { store } = bench;
      const { job, output } = await succeeded();
      expect(await store.remove(job.id, job.version)).toBe(true);
      expect(await store.get(job.id)).toBeNull();
      expect(await store.getResult(job.id)).toBeNull();
      expect(await store.events(job.id)).toEqual([]);
      expect(await store.getFile(output.id)).toBeNull();
      expect(await store.remove(job.id, job.version)).toBe(false);
    });

    test('a job in another version is not removed', async () => {
      const { store } = bench;
      const { job, output } = await succeeded();
      expect(await store.remove(job.id, job.version - 1)).toBe(false);
      expect(await store.get(job.id)).toEqual(job);
      expect(await store.getFile(output.id)).not.toBeNull();
    });

    test('a queued or running job is not removed', async () => {
      const { store } = bench;
      const job = await submitted(bench);
      expect(await store.remove(job.id, job.version)).toBe(false);
      const [claimed] = await claim(bench, 1, 'copy');
      expect(await store.remove(job.id, claimed?.version ?? 0)).toBe(false);
      expect(await store.get(job.id)).toEqual(claimed);
    });
  });

  describe('prune', () => {
    test('a result goes at its time, the record later; before that nothing goes', async () => {
      const { store, clock } = bench;
      const { job, output } = await succeeded();
      clock.advance(retentionMs - 1);
      expect(await store.prune(100, day)).toEqual({ results: 0, jobs: 0, files: 0, answers: 0, actions: 0, blobs: [] });
      clock.advance(1);
      expect(await store.prune(100, day)).toEqual({
        results: 1,
        jobs: 0,
        files: 1,
        answers: 0,
        actions: 0,
        blobs: [output.blob],
      });
      expect(await store.get(job.id)).toEqual({ ...job, resultExpired: true });
      expect(await store.getResult(job.id)).toBeNull();
      expect(await store.events(job.id)).toHaveLength(3);
      clock.advance(day - 1);
      expect(await store.prune(100, day)).toMatchObject({ results: 0, jobs: 0 });
      clock.advance(1);
      expect(await store.prune(100, day)).toMatchObject({ results: 0, jobs: 1, files: 0 });
      expect(await store.get(job.id)).toBeNull();
      expect(await store.events(job.id)).toEqual([]);
    });

    test('what a queued or running job needs is never taken', async () => {
      const { store, clock } = bench;
      const { job, input } = await withInput({ expiresAt: store.now() + 1 });
      clock.advance(365 * day);
      expect(await store.prune(100, 0)).toEqual({ results: 0, jobs: 0, files: 0, answers: 0, actions: 0, blobs: [] });
      const [claimed] = await claim(bench, 1, 'copy');
      expect(claimed?.id).toBe(job.id);
      expect(await store.prune(100, 0)).toEqual({ results: 0, jobs: 0, files: 0, answers: 0, actions: 0, blobs: [] });
      expect(await store.getFile(input.id)).not.toBeNull();
    });

    test('a failed job that starts over after its time keeps what it makes then', async () => {
      const { store, clock } = bench;
      const job = await running(bench);
      const failed = fail(job, 'executor-crashed', 'It died.', store.now(), retentionMs);
      await store.change(leased(job, failed));
      clock.advance(retentionMs);
      expect(await store.prune(100, day)).toMatchObject({ results: 1 });
      const stored = await store.get(job.id);
      if (stored === null) throw new Error('no job');
      expect(stored.resultExpired).toBe(false);
      await store.change(versioned(stored, startOver(stored, store.now())));
      const [again] = await claim(bench, 1, 'copy');
      if (again === undefined) throw new Error('no job');
      await store.change(leased(again, succeed(again, [], store.now(), retentionMs), { result: '"at last"' }));
      await store.prune(100, day);
      expect(await store.get(job.id)).toMatchObject({ state: 'succeeded', resultExpired: false });
      expect(await store.getResult(job.id)).toBe('"at last"');
      clock.advance(retentionMs);
      expect(await store.prune(100, day)).toMatchObject({ results: 1 });
      expect(await store.get(job.id)).toMatchObject({ resultExpired: true });
    });

    test('a blob that several files share goes with the last of them', async () => {
      const { store, clock } = bench;
      const first = sampleFile(store.now(), { expiresAt: store.now() + 1_000 });
      const second = sampleFile(store.now(), { blob: first.blob, expiresAt: store.now() + 2_000 });
      await store.insertFile(first);
      await store.insertFile(second);
      clock.advance(1_000);
      expect(await store.prune(100, day)).toMatchObject({ files: 1, blobs: [] });
      expect(await store.getFile(second.id)).toEqual(second);
      clock.advance(1_000);
      expect(await store.prune(100, day)).toMatchObject({ files: 1, blobs: [first.blob] });
    });

    test('a blob is named once where all its files go together', async () => {
      const { store, clock } = bench;
      const first = sampleFile(store.now());
      await store.insertFile(first);
      await store.insertFile(sampleFile(store.now(), { blob: first.blob }));
      clock.advance(retentionMs);
      expect(await store.prune(100, day)).toMatchObject({ files: 2, blobs: [first.blob] });
    });

    test('a call takes no more than its limit of each kind, and the next call goes on', async () => {
      const { store, clock } = bench;
      for (let n = 0; n < 5; n += 1) await succeeded();
      for (let n = 0; n < 5; n += 1) await store.reserve({ caller: 'ann', key: `key-${n}` }, 'token', 1_000);
      clock.advance(retentionMs + day);
      const first = await store.prune(2, day);
      expect(first).toMatchObject({ results: 2, jobs: 2, files: 2, answers: 2 });
      const rest = [await store.prune(2, day), await store.prune(2, day), await store.prune(2, day)];
      for (const kind of ['results', 'jobs', 'files', 'answers'] as const) {
        expect(rest.reduce((sum, pruned) => sum + pruned[kind], first[kind])).toBe(5);
      }
    });

    test('the files of a removed job go at the next pruning', async () => {
      const { store } = bench;
      const { job, output } = await succeeded();
      await store.remove(job.id, job.version);
      expect(await store.prune(100, day)).toMatchObject({ files: 1, blobs: [output.blob] });
    });

    test('an output that another job works on outlives its own job', async () => {
      const { store } = bench;
      const { job, output } = await succeeded();
      const user = sampleJob(store.now(), { service: 'other', source: sourceOf(output) });
      await store.submit([submissionOf(user)]);
      await store.remove(job.id, job.version);
      expect(await store.prune(100, day)).toMatchObject({ files: 0, blobs: [] });
      expect(await store.getFile(output.id)).not.toBeNull();
      await store.change(versioned(user, cancel(user, store.now(), retentionMs)));
      expect(await store.prune(100, day)).toMatchObject({ files: 1, blobs: [output.blob] });
    });
  });
}
