import { afterEach, describe, expect, test } from 'vitest';
import { openTestEngine, type TestEngine, type TestEngineOptions, testService } from '../../test/support/engine.ts';
import { eventually } from '../../test/support/program.ts';

const signal = new AbortController().signal;
const scripted = testService('scripted', 'scripted');
let engine: TestEngine;

afterEach(() => engine.close());

async function open(options: Partial<TestEngineOptions> = {}): Promise<void> {
  engine = await openTestEngine({ services: [scripted], ...options });
}

const ended = (id: string) => engine.engine.waitForEnd('ann', id, 20_000, signal);
const types = async (id: string) => (await engine.engine.events('ann', id)).map(({ type }) => type);

describe('worker', () => {
  test('a job runs, and its result and outputs are stored', async () => {
    await open();
    const job = await engine.submit('scripted', { options: { greeting: 'hello' } });
    expect(await engine.worker.runOnce()).toBe(1);
    expect(await ended(job.id)).toMatchObject({ state: 'succeeded', attempt: 1, error: null, progress: { fraction: 1 } });
    const { file } = JSON.parse(await engine.engine.result('ann', job.id));
    expect(await engine.engine.file('ann', file)).toMatchObject({ job: job.id, mediaType: 'text/plain', bytes: 20 });
    expect(await types(job.id)).toEqual(['job.queued', 'job.started', 'job.succeeded']);
  });

  test('a rejected job fails at once, with the reason', async () => {
    await open();
    const job = await engine.submit('scripted', { options: { act: 'reject' } });
    engine.worker.start();
    expect(await ended(job.id)).toMatchObject({
      state: 'failed',
      attempt: 1,
      error: { type: '/problems/unprocessable-media', detail: 'It is broken.', retryable: false },
    });
  });

  test.each([
    ['crash', '/problems/executor-crashed'],
    ['throw', '/problems/internal-error'],
  ])(
    'a job that ends in a %s each time fails for good after its attempts, and others run on',
    { timeout: 30_000 },
    async (act, type) => {
      await open({ executors: 2 });
      engine.worker.start();
      const poison = await engine.submit('scripted', { options: { act }, maxAttempts: 2 });
      const others = await Promise.all(
        Array.from({ length: 10 }, (_, index) => engine.submit('scripted', { options: { index } })),
      );
      for (const { id } of others) expect(await ended(id)).toMatchObject({ state: 'succeeded', attempt: 1 });
      expect(await ended(poison.id)).toMatchObject({ state: 'failed', attempt: 2, handOuts: 2, error: { type } });
      expect(await types(poison.id)).toEqual(['job.queued', 'job.started', 'job.retrying', 'job.started', 'job.failed']);
    },
  );

  test('short jobs that lie ready behind one that ends its executor run on, and no attempt of theirs is used', {
    timeout: 60_000,
  }, async () => {
    await open();
    const quick = (index: number) => engine.submit('scripted', { options: { act: 'trace', index } });
    const jobs = await Promise.all(Array.from({ length: 60 }, (_, index) => quick(index)));
    const poison = await engine.submit('scripted', { options: { act: 'crash' }, maxAttempts: 3 });
    jobs.push(...(await Promise.all(Array.from({ length: 60 }, (_, index) => quick(60 + index)))));
    engine.worker.start();
    expect(await ended(poison.id)).toMatchObject({ state: 'failed', attempt: 3, handOuts: 3 });
    for (const { id } of jobs) expect(await ended(id)).toMatchObject({ state: 'succeeded', attempt: 1, handOuts: 1 });
    for (const { id } of jobs) expect(await types(id)).toEqual(['job.queued', 'job.started', 'job.succeeded']);
  });

  test('a job that asks for another time comes back then', async () => {
    await open();
    engine.worker.start();
    const job = await engine.submit('scripted', { options: { act: 'later', afterMs: 30 }, maxAttempts: 3 });
    expect(await ended(job.id)).toMatchObject({ state: 'failed', attempt: 3, error: { type: '/problems/service-unavailable' } });
  });

  test('a running job is canceled at once, its executor is freed', async () => {
    await open();
    engine.worker.start();
    const hanging = await engine.submit('scripted', { options: { act: 'hang' } });
    await eventually('it is half way', async () => (await engine.engine.job('ann', hanging.id)).progress?.fraction === 0.5);
    expect(await engine.engine.cancel('ann', hanging.id)).toMatchObject({ state: 'canceled', lease: null });
    const next = await engine.submit('scripted');
    expect(await ended(next.id)).toMatchObject({ state: 'succeeded' });
    expect(await types(hanging.id)).toEqual(['job.queued', 'job.started', 'job.canceled']);
  });

  test('a late notice of an earlier state does not stop a running job', async () => {
    await open();
    const job = await engine.submit('scripted');
    await engine.worker.runOnce();
    const { id, caller, service } = job;
    engine.parts.bus.publish({ kind: 'changed', job: id, caller, service, state: 'queued' });
    expect(await ended(id)).toMatchObject({ state: 'succeeded', attempt: 1, handOuts: 1 });
  });

  test('a worker that stops hands back what it cannot finish, and the attempt does not count', async () => {
    await open();
    engine.worker.start();
    const job = await engine.submit('scripted', { options: { act: 'hang' } });
    await eventually('it runs', async () => (await engine.engine.job('ann', job.id)).state === 'running');
    await engine.worker.stop(0);
    expect(await engine.engine.job('ann', job.id)).toMatchObject({ state: 'queued', attempt: 0, handOuts: 1, lease: null });
  });

  test('a job waits for its time', async () => {
    await open();
    engine.worker.start();
    const runAt = Date.now() + 150;
    const job = await engine.submit('scripted', { runAt });
    expect((await engine.engine.waiting(job)).message).toContain('waits for its time');
    const { startedAt } = await ended(job.id);
    expect(startedAt).toBeGreaterThanOrEqual(runAt);
  });

  test('a paused service waits, and goes on when it is resumed', async () => {
    await open();
    engine.worker.start();
    await engine.engine.setPaused('scripted', true);
    const job = await engine.submit('scripted');
    expect(await engine.worker.runOnce()).toBe(0);
    expect(await engine.engine.waiting(job)).toEqual({ position: 1, message: 'waits because the queue scripted is paused' });
    await engine.engine.setPaused('scripted', false);
    expect(await ended(job.id)).toMatchObject({ state: 'succeeded' });
  });

  test('no more jobs of a service run at once than it may', async () => {
    await open({ executors: 3, lanes: [{ service: 'scripted', concurrency: 1, rate: null }] });
    const jobs = await Promise.all([1, 2, 3].map((index) => engine.submit('scripted', { options: { act: 'hang', index } })));
    expect(await engine.worker.runOnce()).toBe(1);
    expect(await engine.worker.runOnce()).toBe(0);
    for (const { id } of jobs) await engine.engine.cancel('ann', id);
  });

  test('a job that outlives its deadline fails with it', async () => {
    const { failOverdueJobs } = await import('./deadlines.ts');
    await open();
    const waiting = await engine.submit('scripted', { deadline: Date.now() - 1 });
    const late = await engine.submit('scripted', { options: { act: 'hang' }, deadline: Date.now() + 400, priority: 1 });
    await engine.worker.runOnce();
    await eventually('both are overdue', async () => {
      await failOverdueJobs(engine.parts);
      const states = await Promise.all([waiting, late].map(async ({ id }) => (await engine.engine.job('ann', id)).state));
      return states.every((state) => state === 'failed');
    });
    expect(await engine.engine.job('ann', late.id)).toMatchObject({ error: { type: '/problems/deadline-exceeded' } });
    const next = await engine.submit('scripted');
    engine.worker.start();
    expect(await ended(next.id)).toMatchObject({ state: 'succeeded' });
  });
});
