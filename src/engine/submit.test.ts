import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openTestEngine, type TestEngine, testService } from '../../test/support/engine.ts';
import type { NewInput } from './received.ts';

const signal = new AbortController().signal;
let engine: TestEngine;

beforeEach(async () => {
  engine = await openTestEngine({ services: [testService('scripted', 'scripted')], settings: { queuedJobsMax: 3 } });
});

afterEach(() => engine.close());

async function* bytesOf(text: string) {
  yield Buffer.from(text);
}

async function input(text: string, name = 'note.txt'): Promise<{ input: NewInput }> {
  const blob = await engine.engine.receive(bytesOf(text), signal);
  return { input: { blob, name, mediaType: 'text/plain', picture: null } };
}

async function finish(id: string) {
  await engine.worker.runOnce();
  return engine.engine.waitForEnd('ann', id, 10_000, signal);
}

describe('submit', () => {
  test('a job is queued with its history and its input in one commit', async () => {
    const job = await engine.submit('scripted', { source: await input('hello') });
    expect(job).toMatchObject({ state: 'queued', attempt: 0, maxAttempts: 3, source: { name: 'note.txt', bytes: 5 } });
    expect(await engine.parts.store.get(job.id)).toEqual(job);
    expect((await engine.engine.events('ann', job.id)).map(({ type }) => type)).toEqual(['job.queued']);
    expect(await engine.engine.file('ann', job.source?.file ?? '')).toMatchObject({ job: job.id, bytes: 5 });
  });

  test('another caller sees neither the job nor its file', async () => {
    const job = await engine.submit('scripted', { source: await input('hello') });
    await expect(engine.engine.job('bob', job.id)).rejects.toMatchObject({ code: 'not-found' });
    await expect(engine.engine.file('bob', job.source?.file ?? '')).rejects.toMatchObject({ code: 'not-found' });
    await expect(engine.engine.cancel('bob', job.id)).rejects.toMatchObject({ code: 'not-found' });
    await expect(engine.submit('scripted', { caller: 'bob', source: { file: job.source?.file ?? '' } })).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  test('a full queue refuses with a time to come back', async () => {
    for (let count = 0; count < 3; count += 1) await engine.submit('scripted');
    await expect(engine.submit('scripted')).rejects.toMatchObject({ code: 'queue-full', retryAfterSeconds: expect.any(Number) });
  });

  test('the same bytes and options get the known result at once, with files of its own', async () => {
    const first = await finish((await engine.submit('scripted', { source: await input('hello') })).id);
    const second = await engine.submit('scripted', { source: await input('hello') });
    expect(second).toMatchObject({ state: 'succeeded', reusedFrom: first.id, attempt: 0 });
    expect(second.outputs).not.toEqual(first.outputs);
    const { file } = JSON.parse(await engine.engine.result('ann', second.id));
    expect([file]).toEqual(second.outputs);
    expect((await engine.engine.events('ann', second.id)).map(({ type }) => type)).toEqual(['job.queued', 'job.succeeded']);

    await engine.engine.remove('ann', first.id);
    const copy = await engine.engine.openFile(await engine.engine.file('ann', file));
    expect(String(await new Response(copy as unknown as ReadableStream).text())).toBe('hello');
  });

  test('what comes of the same bytes under another name is called after that name', async () => {
    const first = await finish((await engine.submit('scripted', { source: await input('hello', 'copy.txt') })).id);
    expect(await engine.engine.file('ann', first.outputs[0] ?? '')).toMatchObject({ name: 'copy.txt' });
    const second = await engine.submit('scripted', { source: await input('hello', 'letter.txt') });
    expect(second).toMatchObject({ reusedFrom: first.id });
    expect(await engine.engine.file('ann', second.outputs[0] ?? '')).toMatchObject({ name: 'letter.txt' });
  });

  test.each([
    ['other bytes', async () => ({ source: await input('other') })],
    ['other options', async () => ({ source: await input('hello'), options: { act: 'copy' } })],
    ['another caller', async () => ({ source: await input('hello'), caller: 'bob' })],
    ['fresh: true', async () => ({ source: await input('hello'), fresh: true })],
  ])('%s do not share the result', async (_what, request) => {
    await finish((await engine.submit('scripted', { source: await input('hello') })).id);
    expect(await engine.submit('scripted', await request())).toMatchObject({ state: 'queued', reusedFrom: null });
  });

  test('a result whose files are gone is made anew', async () => {
    const first = await finish((await engine.submit('scripted', { source: await input('hello') })).id);
    await engine.engine.removeFile('ann', first.outputs[0] ?? '');
    expect(await engine.submit('scripted', { source: await input('hello') })).toMatchObject({ state: 'queued' });
  });
});
