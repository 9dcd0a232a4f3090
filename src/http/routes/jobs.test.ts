import { Type } from 'typebox';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testService } from '../../../test/support/engine.ts';
import { call, openTestServer, type TestServer } from '../../../test/support/http-server.ts';
import { onePixelPng } from '../../../test/support/pictures.ts';
import { eventually } from '../../../test/support/program.ts';
import { thumbnails } from '../../services/thumbnails/thumbnails.ts';

const options = Type.Object(
  { language: Type.Array(Type.String(), { default: ['eng'] }), top: Type.Integer({ default: 5, minimum: 1 }) },
  { additionalProperties: false },
);
const sleep = testService('sleep', 'sleep', {
  contract: {
    options: Type.Object({ ms: Type.Integer({ default: 60_000 }) }, { additionalProperties: false }),
    result: Type.Object({}),
  },
});
const noop = testService('noop', 'noop', { contract: { options, result: Type.Object({}) } });

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer({ services: [thumbnails, noop, sleep], executors: 2 });
});
afterAll(() => server.closeAll());

const png = { headers: { 'content-type': 'image/png' }, method: 'POST', body: onePixelPng };
const document = (value: object, headers = {}) => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(value),
});
const base64 = { base64: onePixelPng.toString('base64'), name: 'a.png' };
const form = (parts: Readonly<Record<string, string>>) => {
  const fields = Object.entries(parts).map(([name, value]) =>
    Buffer.from(`--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`),
  );
  const file = Buffer.concat([
    Buffer.from('--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'),
    onePixelPng,
    Buffer.from('\r\n'),
  ]);
  return {
    method: 'POST',
    headers: { 'content-type': 'multipart/form-data; boundary=b' },
    body: Buffer.concat([file, ...fields, Buffer.from('--b--\r\n')]),
  };
};
const ask = async (path: string, sent: Parameters<typeof call>[1] = {}) => {
  const answer = await call(server.url + path, sent);
  return { ...answer, json: answer.body.startsWith('{') ? JSON.parse(answer.body) : null };
};

test('a job answers 202, is watched at the monitor and sends on to its result by 303', async () => {
  const accepted = await ask('/v1/thumbnails?width=10&label.case=A-17&priority=7', png);
  const { id } = accepted.json;
  expect(accepted).toMatchObject({
    status: 202,
    headers: { location: `/v1/queue/${id}`, 'content-location': `/v1/jobs/${id}`, 'retry-after': '1' },
    json: {
      state: 'queued',
      labels: { case: 'A-17' },
      priority: 7,
      source: { mediaType: 'image/png', bytes: onePixelPng.length },
      links: { result: null },
    },
  });
  expect((await ask(`/v1/jobs/${id}?wait=20s`)).json.state).toMatch(/running|succeeded/);
  await eventually('the job has succeeded', async () => (await ask(`/v1/jobs/${id}`)).json.state === 'succeeded');
  expect(await ask(`/v1/queue/${id}`)).toMatchObject({ status: 303, headers: { location: `/v1/jobs/${id}/result` } });
  expect((await ask(`/v1/jobs/${id}/result`)).json.thumbnails).toHaveLength(1);
  expect(await ask(`/v1/jobs/${id}/cancel`, { method: 'POST' })).toMatchObject({
    status: 409,
    json: { type: '/problems/job-not-cancellable' },
  });
});

test.each([
  ['JSON', document({ source: base64, options: { language: ['eng', 'deu'], top: 3 } }), ''],
  ['a form with a request', form({ request: '{"options":{"language":["eng","deu"],"top":3}}' }), ''],
  ['a form with fields', form({ language: 'eng,deu', top: '3' }), ''],
  ['raw bytes', png, '?language=eng,deu&top=3&name=a.png'],
  [
    'raw bytes with their name in a header',
    { ...png, headers: { ...png.headers, 'content-disposition': "attachment; filename*=UTF-8''a.png" } },
    '?language=eng,deu&top=3',
  ],
  [
    'base64 text',
    { ...png, body: onePixelPng.toString('base64').replace(/(.{20})/g, '$1\r\n') },
    '?language=eng,deu&top=3&name=a.png',
  ],
])('%s makes the same job', async (_way, sent, query) => {
  const answer = await ask(`/v1/noop${query}`, sent);
  expect(answer).toMatchObject({
    status: 202,
    json: {
      options: { language: ['eng', 'deu'], top: 3 },
      source: { name: 'a.png', sha256: 'a1abfd410973b0111c215baa879b9edcd739e601659ba44168269767cc2e9108' },
    },
  });
});

test('a stored file is a source, and only for services that take its kind', async () => {
  const file = await ask('/v1/files?name=x.png', png);
  expect(file.status).toBe(201);
  expect((await ask('/v1/noop', document({ source: { file: file.json.id } }))).json.source).toMatchObject({
    file: file.json.id,
    name: 'x.png',
  });
  const text = await ask('/v1/files', { method: 'POST', body: 'only text' });
  expect(text.json.mediaType).toBe('text/plain');
  expect(await ask('/v1/thumbnails', document({ source: { file: text.json.id } }))).toMatchObject({ status: 415 });
});

test('defaults are filled in', async () => {
  expect((await ask('/v1/noop', png)).json.options).toEqual({ language: ['eng'], top: 5 });
});

test('with Prefer: wait the finished job comes with its result', async () => {
  const answer = await ask('/v1/thumbnails?width=11', { ...png, headers: { ...png.headers, prefer: 'respond-async, wait=20' } });
  expect(answer).toMatchObject({
    status: 200,
    headers: { 'preference-applied': 'wait=20' },
    json: { state: 'succeeded', result: { thumbnails: [{ width: 11 }] } },
  });
});

test('with Prefer: wait a job that is not done in time is answered 202', async () => {
  const answer = await ask('/v1/sleep', { ...png, headers: { ...png.headers, prefer: 'wait=0' } });
  expect(answer.status).toBe(202);
  expect(answer.headers['preference-applied']).toBeUndefined();
  expect((await ask(`/v1/jobs/${answer.json.id}`, { method: 'DELETE' })).status).toBe(204);
});

test('a running job is canceled once and for all, retried, and deleted', async () => {
  const { id } = (await ask('/v1/sleep', png)).json;
  await eventually('it runs', async () => (await ask(`/v1/jobs/${id}`)).json.state === 'running');
  expect(await ask(`/v1/jobs/${id}/result`)).toMatchObject({ status: 409, json: { type: '/problems/job-not-finished' } });
  expect((await ask(`/v1/jobs/${id}/cancel`, { method: 'POST' })).json.state).toBe('canceled');
  expect(await ask(`/v1/jobs/${id}/cancel`, { method: 'POST' })).toMatchObject({ status: 200, json: { state: 'canceled' } });
  expect((await ask(`/v1/queue/${id}`)).json.state).toBe('canceled');
  expect(await ask(`/v1/jobs/${id}/retry`, { method: 'POST' })).toMatchObject({
    status: 202,
    headers: { location: `/v1/queue/${id}` },
    json: { state: 'queued' },
  });
  expect((await ask(`/v1/jobs/${id}`, { method: 'DELETE' })).status).toBe(204);
  expect((await ask(`/v1/jobs/${id}`)).status).toBe(404);
});

test('jobs are listed newest first, page by page, and a cursor is good for its own list only', async () => {
  const ids: string[] = [];
  for (let n = 0; n < 3; n += 1) ids.unshift((await ask('/v1/noop?label.list=one', png)).json.id);
  const first = await ask('/v1/jobs?service=noop&label.list=one&limit=2');
  expect(first.json.items.map(({ id }: { id: string }) => id)).toEqual(ids.slice(0, 2));
  const next = /<([^>]+)>; rel="next"/.exec(String(first.headers.link))?.[1] ?? '';
  const second = await ask(next);
  expect(second.json.items.map(({ id }: { id: string }) => id)).toEqual(ids.slice(2));
  expect(second.json.nextCursor).toBeNull();
  expect(await ask(`/v1/jobs?service=thumbnails&cursor=${first.json.nextCursor}`)).toMatchObject({
    status: 400,
    json: { type: '/problems/invalid-cursor' },
  });
});

test('a paused queue says so in its jobs until it is resumed', async () => {
  expect((await ask('/v1/queues/noop/pause', { method: 'POST' })).json).toMatchObject({ service: 'noop', paused: true });
  const { id } = (await ask('/v1/noop?top=9', png)).json;
  await eventually('the pause shows', async () =>
    String((await ask(`/v1/jobs/${id}`)).json.progress?.message).includes('paused'),
  );
  expect((await ask('/v1/queues')).json.items).toContainEqual(expect.objectContaining({ service: 'noop', paused: true }));
  await ask('/v1/queues/noop/resume', { method: 'POST' });
  await eventually('it is done', async () => (await ask(`/v1/jobs/${id}`)).json.state === 'succeeded');
});

test('what is installed and what it is made of can be read', async () => {
  expect((await ask('/v1/services')).json.items[0]).toMatchObject({
    name: 'thumbnails',
    links: { submit: '/v1/thumbnails' },
    options: { type: 'object' },
  });
  expect((await ask('/v1/workers')).json.items[0].executors).toHaveLength(2);
  expect((await ask('/v1/storage')).json.freeBytes).toBeGreaterThan(0);
  expect(await ask('/livez')).toMatchObject({ status: 200, json: { status: 'ok' } });
  expect(await ask('/readyz')).toMatchObject({ status: 200 });
});

test('the description is OpenAPI 3.1, names every route, and each reference in it leads somewhere', async () => {
  const { json } = await ask('/openapi.json');
  expect(json.openapi).toBe('3.1.0');
  expect(Object.keys(json.paths)).toEqual(
    expect.arrayContaining(['/v1/thumbnails', '/v1/jobs/{id}', '/v1/queue/{id}', '/v1/files/{id}', '/v1/queues/{service}/pause']),
  );
  expect(
    json.paths['/v1/thumbnails'].post.requestBody.content['application/json'].schema.properties.options.properties.width.maximum,
  ).toBe(4096);
  expect(json.paths['/v1/jobs/{id}'].get.responses['4XX'].content['application/problem+json']).toBeDefined();
  for (const [, name] of JSON.stringify(json).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g))
    expect(json.components.schemas).toHaveProperty(String(name));
});

test('the documentation loads nothing from elsewhere', async () => {
  const page = await call(`${server.url}/docs/`, { headers: { accept: 'text/html' } });
  expect(page.status).toBe(200);
  expect(page.body).not.toMatch(/(src|href)="(https?:)?\/\//);
  expect(page.headers['content-security-policy']).not.toContain('http');
});

test('each kind of problem has a page, and is told as JSON on request', async () => {
  expect((await ask('/problems/empty-file')).body).toContain('<h1>The file is empty</h1>');
  expect((await ask('/problems/empty-file', { headers: { accept: 'application/json' } })).json).toMatchObject({
    status: 422,
    type: '/problems/empty-file',
  });
  expect((await ask('/problems/none')).status).toBe(404);
});

test('a request is one line in the log, with the trace of its caller and without the values of its query', async () => {
  const traceId = 'ab'.repeat(16);
  const answer = await ask('/v1/jobs?label.secret=hush', { headers: { traceparent: `00-${traceId}-${'12'.repeat(8)}-01` } });
  expect(answer.headers['x-trace-id']).toBe(traceId);
  await eventually('it is logged', () => server.lines.some((line) => line.traceId === traceId));
  const lines = server.lines.filter((line) => line.traceId === traceId);
  expect(lines).toEqual([
    expect.objectContaining({
      method: 'GET',
      route: '/v1/jobs',
      path: '/v1/jobs',
      status: 200,
      caller: 'anonymous',
      ms: expect.any(Number),
    }),
  ]);
});
