import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openTestEngine, type TestEngine, testService } from '../../test/support/engine.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { sampleAnswer } from '../../test/support/sample-jobs.ts';
import type { NewInput } from './received.ts';
import { rescueLostJobs } from './rescuer.ts';
import { pruneExpired } from './retention.ts';

const signal = new AbortController().signal;
const clock = new ManualClock();
let engine: TestEngine;

beforeEach(async () => {
  engine = await openTestEngine({ services: [testService('scripted', 'scripted')], clock });
});

afterEach(() => engine.close());

async function input(text: string): Promise<{ input: NewInput }> {
  async function* bytes() {
    yield Buffer.from(text);
  }
  return { input: { blob: await engine.engine.receive(bytes(), signal), name: null, mediaType: 'text/plain', picture: null } };
}

async function finished(options = {}) {
  const { id } = await engine.submit('scripted', { source: await input('hello'), options });
  await engine.worker.runOnce();
  return engine.engine.waitForEnd('ann', id, 60_000, signal);
}

describe('cancel, retry, remove', () => {
  test('canceling twice changes nothing, canceling a finished job is refused', async () => {
    const job = await engine.submit('scripted');
    const canceled = await engine.engine.cancel('ann', job.id);
    expect(await engine.engine.cancel('ann', job.id)).toEqual(canceled);
    await expect(engine.engine.result('ann', job.id)).rejects.toMatchObject({ code: 'job-canceled' });
    const done = await finished();
    await expect(engine.engine.cancel('ann', done.id)).rejects.toMatchObject({ code: 'job-not-cancellable' });
  });

  test('a failed job runs again on its stored input', async () => {
    const failed = await finished({ act: 'reject' });
    await expect(engine.engine.result('ann', failed.id)).rejects.toMatchObject({ code: 'job-failed', message: 'It is broken.' });
    expect(await engine.engine.retry('ann', failed.id)).toMatchObject({
      state: 'queued',
      attempt: 0,
      error: null,
      finishedAt: null,
    });
    await expect(engine.engine.retry('ann', failed.id)).rejects.toMatchObject({ code: 'job-not-retryable' });
  });

  test('a retry whose idempotency key another request has taken over is refused as that, and changes nothing', async () => {
    const failed = await finished({ act: 'reject' });
    const key = { caller: 'ann', key: 'again' };
    await engine.parts.store.reserve(key, 'slow', 1_000);
    clock.advance(1_000);
    await engine.parts.store.reserve(key, 'quick', 60_000);
    const answerOf = (token: string) => () => sampleAnswer(token, key);
    await expect(engine.engine.retry('ann', failed.id, answerOf('slow'))).rejects.toMatchObject({
      code: 'idempotency-in-progress',
    });
    expect((await engine.engine.job('ann', failed.id)).state).toBe('failed');
    expect(await engine.engine.retry('ann', failed.id, answerOf('quick'))).toMatchObject({ state: 'queued' });
  });

  test('a job whose input is gone cannot run again', async () => {
    const failed = await finished({ act: 'reject' });
    await engine.engine.removeFile('ann', failed.source?.file ?? '');
    await expect(engine.engine.retry('ann', failed.id)).rejects.toMatchObject({ code: 'input-expired' });
  });

  test('a file that a queued job needs cannot be deleted, and survives its time', async () => {
    const file = await engine.engine.storeFile('ann', (await input('hello')).input);
    const job = await engine.submit('scripted', { source: { file: file.id } });
    await expect(engine.engine.removeFile('ann', file.id)).rejects.toMatchObject({ code: 'resource-in-use' });
    clock.advance(engine.parts.settings.fileRetentionMs + 1);
    await pruneExpired(engine.parts);
    await engine.worker.runOnce();
    expect(await engine.engine.waitForEnd('ann', job.id, 60_000, signal)).toMatchObject({ state: 'succeeded' });
    await pruneExpired(engine.parts);
    await expect(engine.engine.file('ann', file.id)).rejects.toMatchObject({ code: 'not-found' });
  });

  test('a removed job is gone, with its files and their bytes; an active one is canceled first', async () => {
    const done = await finished();
    const files = await Promise.all([done.source?.file ?? '', ...done.outputs].map((id) => engine.engine.file('ann', id)));
    await engine.engine.remove('ann', done.id);
    await expect(engine.engine.job('ann', done.id)).rejects.toMatchObject({ code: 'not-found' });
    await pruneExpired(engine.parts);
    for (const file of files) {
      await expect(engine.engine.file('ann', file.id)).rejects.toMatchObject({ code: 'not-found' });
      await expect(engine.parts.blobs.open(file.blob)).rejects.toMatchObject({ code: 'not-found' });
    }
    const queued = await engine.submit('scripted');
    await engine.engine.remove('ann', queued.id);
    expect(await engine.worker.runOnce()).toBe(0);
  });
});

describe('retention', () => {
  test('a result expires first, its record later', async () => {
    const done = await finished();
    clock.advance(engine.parts.settings.resultRetentionMs + 1);
    await pruneExpired(engine.parts);
    await expect(engine.engine.result('ann', done.id)).rejects.toMatchObject({ code: 'result-expired' });
    expect(await engine.engine.job('ann', done.id)).toMatchObject({ state: 'succeeded', resultExpired: true });
    clock.advance(engine.parts.settings.recordRetentionMs + 1);
    await pruneExpired(engine.parts);
    await expect(engine.engine.job('ann', done.id)).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('rescuer', () => {
  test('a job whose worker is lost is handed out again, and given up after twenty hand-outs', async () => {
    const { id } = await engine.submit('scripted');
    const lanes = engine.parts.lanes;
    for (let handOut = 1; handOut <= 20; handOut += 1) {
      const { jobs } = await engine.parts.store.claim({ lanes, limit: 1, fetchesMax: 1, worker: 'lost', leaseMs: 1_000 });
      expect(jobs.map((job) => [job.attempt, job.handOuts])).toEqual([[1, handOut]]);
      expect(await rescueLostJobs(engine.parts)).toBe(0);
      clock.advance(1_001);
      expect(await rescueLostJobs(engine.parts)).toBe(1);
    }
    expect(await engine.engine.job('ann', id)).toMatchObject({ state: 'failed', error: { type: '/problems/executor-crashed' } });
  });
});
