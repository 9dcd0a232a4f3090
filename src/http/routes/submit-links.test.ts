import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testService } from '../../../test/support/engine.ts';
import { call, openTestServer, type TestServer } from '../../../test/support/http-server.ts';
import { type Origin, openOrigin } from '../../../test/support/origin.ts';
import { onePixelPng } from '../../../test/support/pictures.ts';
import { parseSourceRule } from '../../core/source-rules.ts';
import { thumbnails } from '../../services/thumbnails/thumbnails.ts';

let server: TestServer;
let origin: Origin;
beforeAll(async () => {
  origin = await openOrigin(({ url }, response) => {
    if (url === '/a.png') response.end(onePixelPng);
    else response.writeHead(404).end();
  });
  const rules = [parseSourceRule(`127.0.0.1:${origin.port}`)].filter((rule) => rule !== null);
  const scripted = testService('scripted', 'scripted');
  server = await openTestServer({ services: [thumbnails, scripted], executors: 1, fetcher: { rules } });
});
afterAll(async () => {
  await server.closeAll();
  await origin.close();
});

async function post(body: object, headers: Readonly<Record<string, string>> = {}, service = 'thumbnails') {
  const sent = { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
  const answer = await call(`${server.url}/v1/${service}`, sent);
  return { ...answer, json: JSON.parse(answer.body) };
}
const link = (path = '/a.png') => ({ source: { url: `http://127.0.0.1:${origin.port}${path}` } });
const inTime = { prefer: 'wait=20' };

describe('a link as a source', () => {
  test('is answered with 202 before it is fetched', async () => {
    const { status, json } = await post({ ...link(), runAt: '1h' });
    expect(status).toBe(202);
    const nothing = { file: null, name: null, mediaType: null, bytes: null, sha256: null };
    expect(json.source).toEqual({ ...link().source, ...nothing });
    expect(origin.connections).toBe(0);
    await call(`${server.url}/v1/jobs/${json.id}/cancel`, { method: 'POST' });
  });

  test('becomes thumbnails, in one call', async () => {
    const { status, json } = await post({ ...link(), options: { width: 8 } }, inTime);
    expect(status).toBe(200);
    expect(json).toMatchObject({
      state: 'succeeded',
      source: { ...link().source, name: 'a.png', mediaType: 'image/png', bytes: onePixelPng.length },
      result: { thumbnails: [{ width: 8, mediaType: 'image/png' }] },
    });
    expect((await call(`${server.url}/v1/files/${json.source.file}`)).status).toBe(200);
  });

  test('that gives nothing fails its job at once', async () => {
    const { status, json } = await post(link('/gone'), inTime);
    expect(status).toBe(200);
    expect(json).toMatchObject({
      state: 'failed',
      attempt: 1,
      error: {
        type: '/problems/source-fetch-failed',
        retryable: false,
        detail: 'The server of the link answered with status 404.',
      },
    });
  });

  test.each([
    ['http://127.0.0.1/', 'source-not-allowed'],
    ['http://[::ffff:7f00:1]/', 'source-not-allowed'],
    ['//example.org/', 'source-not-allowed'],
    ['http://example.org:22/', 'source-not-allowed'],
    ['http://example.org/\r\nX: y', 'validation-error'],
    [`http://example.org/${'x'.repeat(65_536)}`, 'validation-error'],
  ])('%j is refused', async (url, problem) => {
    const { status, json } = await post({ source: { url } });
    expect([status, json.type]).toEqual([422, `/problems/${problem}`]);
    if (problem === 'validation-error') expect(json.errors).toEqual([expect.objectContaining({ pointer: '#/source/url' })]);
  });

  test.each([
    { url: 1 },
    { url: 'http://example.org/', file: 'x' },
    { url: 'http://example.org/', base64: '' },
    { url: 'http://example.org/', job: 'x' },
    { url: 'http://example.org/', output: 'x' },
    { url: 'http://example.org/', name: 'x' },
    { job: 1 },
    { job: 'x', output: 1 },
    {},
  ])('%j is no source', async (source) => {
    const { status, json } = await post({ source });
    expect([status, json.type]).toEqual([422, '/problems/validation-error']);
  });

  test('is one job for one idempotency key, and another link is another request', async () => {
    const headers = { 'idempotency-key': 'link-1' };
    const [first, second] = [await post(link(), headers), await post(link(), headers)];
    expect(second.json.id).toBe(first.json.id);
    expect(await post(link('/b.png'), headers)).toMatchObject({
      status: 422,
      json: { type: '/problems/idempotency-key-reused' },
    });
  });

  test('stands in the description of the API', async () => {
    const { body } = await call(`${server.url}/openapi.json`);
    const { anyOf } =
      JSON.parse(body).paths['/v1/thumbnails'].post.requestBody.content['application/json'].schema.properties.source;
    expect(anyOf.map(({ required }: { required: string[] }) => required[0])).toEqual(['file', 'base64', 'url', 'job']);
  });
});

describe('what an earlier job made as a source', () => {
  const sizes = [
    { width: 1, height: 1 },
    { width: 2, height: 2 },
  ];

  test('is its only output, or one of several by its name or id', async () => {
    const one = await post(link(), inTime);
    expect((await post({ source: { job: one.json.id } }, inTime)).json.source.file).toBe(one.json.result.thumbnails[0].file);

    const two = await post({ ...link(), options: { sizes } }, inTime);
    expect(two.json.state).toBe('succeeded');
    const { file } = two.json.result.thumbnails[1];
    const { name } = JSON.parse((await call(`${server.url}/v1/jobs/${two.json.id}`)).body).source;
    expect(name).toBe('a.png');
    expect((await post({ source: { job: two.json.id, output: file } }, inTime)).json).toMatchObject({
      state: 'succeeded',
      source: { file },
    });
    const disposition = (await call(`${server.url}/v1/files/${file}`)).headers['content-disposition'] ?? '';
    const [, output = ''] = /filename="([^"]+)"/.exec(disposition) ?? [];
    expect((await post({ source: { job: two.json.id, output } })).json.source.file).toBe(file);
    expect(await post({ source: { job: two.json.id } })).toMatchObject({
      status: 422,
      json: { type: '/problems/validation-error', errors: [{ pointer: '#/source/output' }] },
    });
    expect(await post({ source: { job: two.json.id, output: 'nothing' } })).toMatchObject({ status: 404 });
  });

  test('must be there, and of a job that has succeeded', async () => {
    const unknown = await post({ source: { job: '01234567-89ab-7def-8123-456789abcdef' } });
    expect(unknown).toMatchObject({ status: 404, json: { type: '/problems/not-found' } });
    const waiting = await post({ ...link(), runAt: '1h' });
    const of = (id: string) => post({ source: { job: id } });
    expect(await of(waiting.json.id)).toMatchObject({ status: 409, json: { type: '/problems/job-not-finished' } });
    await call(`${server.url}/v1/jobs/${waiting.json.id}/cancel`, { method: 'POST' });
    expect(await of(waiting.json.id)).toMatchObject({ status: 409, json: { type: '/problems/job-canceled' } });
    const failed = await post(link('/gone'), inTime);
    expect(await of(failed.json.id)).toMatchObject({ status: 409, json: { type: '/problems/job-failed' } });
    const done = await post(link(), { ...inTime, 'idempotency-key': 'gone' });
    await call(`${server.url}/v1/files/${done.json.result.thumbnails[0].file}`, { method: 'DELETE' });
    expect(await of(done.json.id)).toMatchObject({ status: 410, json: { type: '/problems/result-expired' } });
  });

  test('must be of a kind that the service takes', async () => {
    const text = await post({ source: { base64: Buffer.from('hello').toString('base64') } }, inTime, 'scripted');
    expect(await post({ source: { job: text.json.id } })).toMatchObject({ status: 415 });
  });
});
