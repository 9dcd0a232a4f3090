import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { testService } from '../../test/support/engine.ts';
import { call, exchange, openTestServer, type TestServer } from '../../test/support/http-server.ts';
import { onePixelPng } from '../../test/support/pictures.ts';
import { eventually } from '../../test/support/program.ts';

let server: TestServer;
beforeEach(async () => {
  server = await openTestServer({ services: [testService('noop', 'noop'), testService('sleep', 'sleep')] });
});
afterEach(() => server.closeAll());

const submit = async (path: string) => JSON.parse((await call(server.url + path, { method: 'POST', body: onePixelPng })).body);
const stream = (id: string, headers = '') =>
  `GET /v1/jobs/${id}/events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n${headers}\r\n`;
const eventsOf = (text: string) => [...text.matchAll(/^event: (.+)$/gm)].map(([, name]) => name);

test('a stream tells what happens until the job has ended, then closes', async () => {
  const { id } = await submit('/v1/noop?runAt=1h');
  let canceled = false;
  const text = await exchange(server.port, stream(id, 'Connection: close\r\n'), (heard) => {
    if (!canceled && heard.includes('job.queued')) {
      canceled = true;
      void call(`${server.url}/v1/jobs/${id}/cancel`, { method: 'POST' });
    }
    return false;
  });
  expect(text).toContain('content-type: text/event-stream');
  expect(eventsOf(text)).toEqual(['job.queued', 'job.canceled']);
});

test('a stream is taken up behind Last-Event-ID, and an ended job has nothing more to tell', async () => {
  const { id } = await submit('/v1/noop');
  await eventually('it is done', async () => JSON.parse((await call(`${server.url}/v1/jobs/${id}`)).body).state === 'succeeded');
  const { items } = JSON.parse((await call(`${server.url}/v1/jobs/${id}/events`)).body);
  const types = items.map(({ type }: { type: string }) => type);
  expect(types).toEqual(['job.queued', 'job.started', 'job.succeeded']);
  const headers = { accept: 'text/event-stream', 'last-event-id': items[0].id };
  expect(eventsOf((await call(`${server.url}/v1/jobs/${id}/events`, { headers })).body)).toEqual(types.slice(1));
  expect(
    (await call(`${server.url}/v1/jobs/${id}/events`, { headers: { ...headers, 'last-event-id': items[2].id } })).status,
  ).toBe(204);
  expect(await call(`${server.url}/v1/jobs/${id}/events`, { headers: { ...headers, 'last-event-id': 'made up' } })).toMatchObject(
    { status: 400, body: expect.stringContaining('invalid-cursor') },
  );
});

test('a stream ends when its job is removed', async () => {
  const { id } = await submit('/v1/noop?runAt=1h');
  const heard = exchange(server.port, stream(id, 'Connection: close\r\n'));
  await call(`${server.url}/v1/jobs/${id}`, { method: 'DELETE' });
  expect(await heard).toMatch(/0\r\n\r\n$/);
});

test('when the server drains, new requests are refused, waits and streams end, and what is under way is finished', async () => {
  const { id } = await submit('/v1/noop?runAt=1h');
  const waiting = call(`${server.url}/v1/jobs/${id}?wait=60s`);
  const streaming = exchange(server.port, stream(id), (text) => text.endsWith('0\r\n\r\n'));
  const idle = connect(server.port, '127.0.0.1');
  const upload = connect(server.port, '127.0.0.1');
  await Promise.all([once(idle, 'connect'), once(upload, 'connect')]);
  upload.write(`POST /v1/files HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${onePixelPng.length}\r\n\r\n`);
  await new Promise((resolve) => setImmediate(resolve));
  await eventually('all are under way', async () => (await call(`${server.url}/livez`)).status === 200);

  server.server.drain();
  expect(await waiting).toMatchObject({ status: 200, headers: { connection: 'close' } });
  expect(eventsOf(await streaming)).toEqual(['job.queued']);
  expect(await call(`${server.url}/v1/jobs`)).toMatchObject({
    status: 503,
    headers: { connection: 'close', 'retry-after': '5' },
    body: expect.stringContaining('/problems/shutting-down'),
  });
  expect((await call(`${server.url}/readyz`)).status).toBe(503);
  expect((await call(`${server.url}/livez`)).status).toBe(200);

  const closed = server.server.close(5_000);
  upload.write(onePixelPng);
  const [answer] = await once(upload, 'data');
  expect(String(answer)).toMatch(/^HTTP\/1\.1 201 /);
  await closed;
  if (!idle.closed) await once(idle.resume(), 'close');
});

test('a foreign page changes nothing, a page of ours may', async () => {
  const origin = (value: string) =>
    call(`${server.url}/v1/noop`, { method: 'POST', body: onePixelPng, headers: { origin: value } });
  expect((await origin(server.url)).status).toBe(202);
  expect((await origin('http://localhost:1')).status).toBe(403);
});
