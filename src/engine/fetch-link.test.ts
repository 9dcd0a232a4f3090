import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { openTestEngine, type TestEngine, type TestEngineOptions, testService } from '../../test/support/engine.ts';
import { type Origin, openOrigin } from '../../test/support/origin.ts';
import { onePixelPng } from '../../test/support/pictures.ts';
import { eventually, temporaryFolder } from '../../test/support/program.ts';
import { limits } from '../core/limits.ts';
import { parseSourceRule } from '../core/source-rules.ts';

const signal = new AbortController().signal;
const scripted = testService('scripted', 'scripted');
const local = [parseSourceRule('127.0.0.1:*')].filter((rule) => rule !== null);
let engine: TestEngine;
let origin: Origin;

async function open(listener: RequestListener, options: Partial<TestEngineOptions> = {}): Promise<void> {
  origin = await openOrigin(listener);
  engine = await openTestEngine({ services: [scripted], fetcher: { rules: local }, ...options });
}

afterEach(async () => {
  await eventually('no connection is open', () => origin.open === 0);
  const uploads = () => readdir(join(engine.folder, 'blobs', 'uploads'));
  await eventually('no bytes are on their way', async () => (await uploads()).length === 0);
  await origin.close();
  await engine.close();
});

const url = (path = '/a.txt') => `http://127.0.0.1:${origin.port}${path}`;
const submit = (path?: string, more = {}) => engine.submit('scripted', { source: { url: url(path) }, ...more });
const ended = (id: string) => engine.engine.waitForEnd('ann', id, 20_000, signal);
const types = async (id: string) => (await engine.engine.events('ann', id)).map(({ type }) => type);

async function blobs(): Promise<number> {
  let count = 0;
  for await (const page of engine.parts.blobs.older(-60_000)) count += page.length;
  return count;
}

/** Answers with a body that never ends, a little at a time. */
const endless: RequestListener = (_request, response) => {
  const timer = setInterval(() => response.write('more '.repeat(1_000)), 5);
  response.on('close', () => clearInterval(timer));
};

describe('a job that works on a link', () => {
  test('is accepted before anything is fetched, fetches, and works on what it got', async () => {
    await open((_request, response) => {
      response.writeHead(200, { 'content-disposition': "attachment; filename*=utf-8''gr%C3%BC%C3%9Fe.txt" }).end('hello');
    });
    const job = await submit();
    expect(job).toMatchObject({ state: 'queued', source: null, link: { url: url(), fresh: false }, reuseKey: null });
    expect(origin.connections).toBe(0);
    engine.worker.start();
    const done = await ended(job.id);
    expect(done).toMatchObject({
      state: 'succeeded',
      attempt: 1,
      link: { url: url(), fresh: false },
      source: { name: 'grüße.txt', mediaType: 'text/plain', bytes: 5 },
    });
    expect(await engine.engine.file('ann', done.source?.file ?? '')).toMatchObject({ job: job.id, expiresAt: done.expiresAt });
    expect(await types(job.id)).toEqual(['job.queued', 'job.started', 'job.succeeded']);
  });

  test('shares its result with a later upload of the same bytes', async () => {
    await open((_request, response) => response.end('hello'));
    engine.worker.start();
    const { id, source } = await ended((await submit()).id);
    const again = await engine.submit('scripted', { source: { file: source?.file ?? '' } });
    expect(again).toMatchObject({ state: 'succeeded', reusedFrom: id });
  });

  test('has the result of an earlier job that worked on the same bytes, with files of its own, unless it asks for its own', async () => {
    await open((_request, response) => response.end('hello'));
    engine.worker.start();
    const first = await ended((await submit()).id);
    const same = await ended((await submit('/b.txt')).id);
    expect(same).toMatchObject({ state: 'succeeded', reusedFrom: first.id, source: { name: 'b.txt', bytes: 5 } });
    expect(await types(same.id)).toEqual(['job.queued', 'job.started', 'job.succeeded']);
    await engine.engine.remove('ann', first.id);
    const [output = ''] = same.outputs;
    expect(first.outputs).not.toContain(output);
    expect(await engine.engine.file('ann', output)).toMatchObject({ job: same.id, bytes: 5, expiresAt: same.expiresAt });
    expect(await engine.engine.result('ann', same.id)).toContain(output);

    expect(await ended((await submit('/c.txt', { fresh: true })).id)).toMatchObject({ state: 'succeeded', reusedFrom: null });
    expect(await ended((await submit('/d.txt', { options: { greeting: 'hi' } })).id)).toMatchObject({ reusedFrom: null });
  });

  test('does its own work where a file of the known result goes just then', async () => {
    await open((_request, response) => response.end('hello'));
    engine.worker.start();
    const first = await ended((await submit()).id);
    const { getResult } = engine.parts.store;
    Object.assign(engine.parts.store, {
      async getResult(id: string) {
        const result = await getResult.call(engine.parts.store, id);
        const [output = ''] = first.outputs;
        if (id === first.id) await engine.engine.removeFile('ann', output);
        return result;
      },
    });
    expect(await ended((await submit()).id)).toMatchObject({ state: 'succeeded', reusedFrom: null });
  });

  test('is tried again when its server asks for that, and then keeps to what it has', async () => {
    let asked = 0;
    await open((_request, response) => {
      asked += 1;
      if (asked === 1) response.writeHead(503, { 'retry-after': '0' }).end();
      else response.end('hello');
    });
    engine.worker.start();
    const crashing = await submit('/a.txt', { options: { act: 'throw' }, maxAttempts: 3 });
    const failed = await ended(crashing.id);
    expect(failed).toMatchObject({ state: 'failed', attempt: 3, source: { bytes: 5 } });
    expect(asked).toBe(2);
    const [, , retrying] = await engine.engine.events('ann', crashing.id);
    expect(retrying).toMatchObject({
      type: 'job.retrying',
      data: { error: { type: '/problems/source-fetch-failed', retryable: true } },
    });
    expect(Date.parse(String(retrying?.data.runAt)) - (retrying?.at ?? 0)).toBeLessThan(100);

    await engine.engine.retry('ann', crashing.id);
    await ended(crashing.id);
    expect(asked).toBe(2);
  });

  test.each<[string, RequestListener, string, boolean]>([
    ['a 404', (_request, response) => response.writeHead(404).end(), 'source-fetch-failed', false],
    [
      'a web page',
      (_request, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><p>'),
      'source-fetch-failed',
      false,
    ],
    ['a kind that is not taken', (_request, response) => response.end('%PDF-1.7 '), 'unsupported-media-type', false],
    ['nothing', (_request, response) => response.end(), 'empty-file', false],
    ['too much', endless, 'source-too-large', false],
    [
      'a redirect inside',
      (_request, response) => response.writeHead(302, { location: 'http://10.0.0.1/' }).end(),
      'source-not-allowed',
      false,
    ],
    ['a circle', (_request, response) => response.writeHead(302, { location: '/a' }).end(), 'too-many-redirects', false],
    ['too many pixels', (_request, response) => response.end(hugePng()), 'media-limits-exceeded', false],
  ])('fails at once on %s, and leaves no bytes behind', async (_what, listener, code, retryable) => {
    await open(listener, {
      services: [{ ...scripted, accepts: ['image/png', ...(listener === endless ? ['text/plain'] : [])] }],
      settings: { uploadBytesMax: 300_000 },
    });
    engine.worker.start();
    const job = await submit();
    expect(await ended(job.id)).toMatchObject({
      state: 'failed',
      attempt: 1,
      source: null,
      error: { type: `/problems/${code}`, retryable },
    });
    expect(await blobs()).toBe(0);
  });

  test('fails after all attempts when its server stays away, and says that another try may help', async () => {
    await open((_request, response) => response.writeHead(500, { 'retry-after': '0' }).end());
    engine.worker.start();
    const job = await submit('/', { maxAttempts: 2 });
    expect(await ended(job.id)).toMatchObject({
      state: 'failed',
      attempt: 2,
      error: {
        type: '/problems/source-fetch-failed',
        detail: 'The server of the link answered with status 500.',
        retryable: true,
      },
    });
    expect(origin.connections).toBe(2);
  });

  test('tells how far its fetch is', async () => {
    await open((_request, response) => {
      response.writeHead(200, { 'content-length': '2097152' });
      response.write(Buffer.alloc(1_048_576, 'a'));
    });
    engine.worker.start();
    const { id } = await submit();
    const told = /^fetching \(.+ of 2 MB\)$/;
    await eventually('it says so', async () => told.test((await engine.engine.job('ann', id)).progress?.message ?? ''));
    await engine.engine.cancel('ann', id);
  });

  test('is canceled in the middle of its fetch, which ends at once', async () => {
    await open(endless);
    engine.worker.start();
    const { id } = await submit();
    await eventually('it fetches', async () => (await engine.engine.job('ann', id)).progress?.message != null);
    const since = Date.now();
    await engine.engine.cancel('ann', id);
    await eventually('the connection is closed', () => origin.open === 0);
    expect(Date.now() - since).toBeLessThan(1_000);
    expect(await engine.engine.job('ann', id)).toMatchObject({ state: 'canceled', source: null });
    await eventually('its bytes are gone', async () => (await blobs()) === 0);
  });

  test('takes up no executor while it is fetched', async () => {
    await open(endless, { executors: 1 });
    engine.worker.start();
    const slow = await Promise.all([1, 2, 3].map(() => submit()));
    await eventually('all three are fetched', () => origin.open === 3);
    const quick = await engine.submit('scripted', { options: { greeting: 'hi' } });
    expect(await ended(quick.id)).toMatchObject({ state: 'succeeded' });
    for (const { id } of slow) await engine.engine.cancel('ann', id);
  });

  test('waits for its turn where as many are fetched as may be at once, and holds up no other job', async () => {
    await open((_request, response) => response.flushHeaders(), { executors: 2 });
    engine.worker.start();
    const jobs = await Promise.all(Array.from({ length: limits.fetchesMax + 3 }, () => submit()));
    await eventually('as many as may', () => origin.open === limits.fetchesMax);
    expect(await engine.worker.runOnce()).toBe(0);
    const waiting = await engine.engine.list({ caller: 'ann', state: 'queued' }, 100);
    expect(waiting.length).toBe(3);
    const quick = await engine.submit('scripted', { options: { greeting: 'hi' } });
    expect(await ended(quick.id)).toMatchObject({ state: 'succeeded' });
    expect(origin.open).toBe(limits.fetchesMax);
    for (const { id } of waiting) await engine.engine.cancel('ann', id);
    for (const { id } of jobs) await engine.engine.cancel('ann', id);
  });

  test('goes back to the queue when its worker stops, and the attempt does not count', async () => {
    await open(endless);
    engine.worker.start();
    const { id } = await submit();
    await eventually('it fetches', () => origin.open === 1);
    await engine.worker.stop(10_000);
    expect(await engine.engine.job('ann', id)).toMatchObject({ state: 'queued', attempt: 0, source: null });
  });

  test('is refused by its spelling before there is a job', async () => {
    await open(endless);
    const refused = engine.submit('scripted', { source: { url: 'http://10.0.0.1/' } });
    await expect(refused).rejects.toMatchObject({ code: 'source-not-allowed' });
    expect(await engine.engine.list({ caller: 'ann' }, 10)).toEqual([]);
  });

  test('whose rule was taken away since fails', async () => {
    const folder = await temporaryFolder();
    onTestFinished(folder.remove);
    await open(endless, { folder: folder.path });
    const { id } = await submit();
    await engine.close();
    engine = await openTestEngine({ services: [scripted], folder: folder.path });
    engine.worker.start();
    expect(await ended(id)).toMatchObject({ state: 'failed', error: { type: '/problems/source-not-allowed' } });
    expect(origin.connections).toBe(0);
  });

  test('of many megabytes passes through in small memory', async () => {
    const piece = randomBytes(1024 ** 2);
    await open(
      (_request, response) => {
        let left = 200;
        const more = () => {
          while (left-- > 0 && response.write(piece));
          if (left <= 0) response.end();
        };
        response.on('drain', more);
        more();
      },
      { services: [{ ...scripted, accepts: ['application/octet-stream'] }], settings: { uploadBytesMax: 1024 ** 3 } },
    );
    engine.worker.start();
    const before = process.memoryUsage().rss;
    const job = await engine.submit('scripted', { source: { url: url() }, options: { act: 'reject' } });
    expect(await ended(job.id)).toMatchObject({ source: { bytes: 200 * 1024 ** 2 } });
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 ** 2);
  });
});

function hugePng(): Buffer {
  const picture = Buffer.from(onePixelPng);
  picture.writeUInt32BE(20_000, 16);
  picture.writeUInt32BE(20_000, 20);
  return picture;
}
