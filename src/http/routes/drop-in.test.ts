import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { testService } from '../../../test/support/engine.ts';
import { call, openTestServer, type TestServer } from '../../../test/support/http-server.ts';
import { openRawLive } from '../../../test/support/live-socket.ts';
import { eventually } from '../../../test/support/program.ts';
import { ServiceError } from '../../core/errors.ts';
import type { DropIn, SocketClient } from '../drop-in.ts';
import { textFrame } from '../live/text-frame.ts';

const clients = new Set<SocketClient>();
let admitted = 0;

/** A small older service: it repeats what it is told, and tells what went wrong in capitals. */
const parrot: DropIn = {
  routes: [
    {
      method: 'GET',
      path: '/parrot/:word',
      handle: async ({ params, query }) => {
        if (params.word === 'mute') throw new ServiceError('not-found', 'It says nothing.');
        if (params.word === 'hoarse') throw new Error('a fault of ours');
        return { status: 200, headers: { 'content-type': 'text/parrot' }, body: `${params.word} ${JSON.stringify(query)}` };
      },
    },
    {
      method: 'POST',
      path: '/parrot',
      admits: 'noop',
      handle: async ({ body, held, caller, client }) => {
        admitted += 1;
        const said = await held.during(body(10), (bytes) => bytes.toString());
        return { status: 201, body: `${said} ${caller} ${client}` };
      },
    },
  ],
  sockets: [
    {
      path: '/parrot/socket',
      connected: (client) => {
        clients.add(client);
        return () => clients.delete(client);
      },
    },
  ],
  errorAnswer: (error) => ({ headers: { 'content-type': 'text/parrot' }, body: error.message.toUpperCase() }),
};

let server: TestServer | null = null;

async function open(settings: Parameters<typeof openTestServer>[1] = {}, queuedJobsMax = 1_000): Promise<TestServer> {
  server = await openTestServer({ services: [testService('noop', 'noop')], settings: { queuedJobsMax } }, settings, {
    dropIns: () => [parrot],
  });
  return server;
}

afterEach(async () => {
  await server?.closeAll();
  server = null;
});

test('a route of an older service answers as it always did', async () => {
  const { url } = await open();
  expect(await call(`${url}/parrot/hello?a=1&a=2&b=`)).toMatchObject({
    status: 200,
    headers: { 'content-type': 'text/parrot', 'x-content-type-options': 'nosniff', 'x-trace-id': expect.any(String) },
    body: 'hello {"a":["1","2"],"b":""}',
  });
  expect(await call(`${url}/parrot`, { method: 'POST', body: 'hi' })).toMatchObject({
    status: 201,
    body: 'hi anonymous 127.0.0.1',
  });
});

test('whatever a client accepts, the answer is the same', async () => {
  const { url } = await open();
  expect(await call(`${url}/parrot/hello`, { headers: { accept: 'image/png' } })).toMatchObject({ status: 200 });
});

test('errors of the route, of the guards and of our own have the old shape and our status and headers', async () => {
  const { url, lines } = await open();
  const old = { 'content-type': 'text/parrot', 'x-trace-id': expect.any(String) };
  expect(await call(`${url}/parrot/mute`)).toMatchObject({ status: 404, headers: old, body: 'IT SAYS NOTHING.' });
  expect(await call(`${url}/parrot/hello`, { headers: { host: 'evil.example' } })).toMatchObject({
    status: 403,
    headers: old,
    body: expect.stringContaining('EVIL.EXAMPLE'),
  });
  expect(await call(`${url}/parrot`, { method: 'POST', body: 'a', headers: { origin: 'http://evil.example' } })).toMatchObject({
    status: 403,
    headers: old,
  });
  expect(await call(`${url}/parrot`, { method: 'POST', body: 'far too much' })).toMatchObject({ status: 413, headers: old });
  const broken = await call(`${url}/parrot/hoarse`);
  expect(broken).toMatchObject({ status: 500, headers: old });
  expect(broken.body).not.toContain('FAULT');
  expect(lines.filter(({ msg }) => msg === 'request.failed')).toHaveLength(1);
});

test('a client over its rate is told so in the old shape, and when to come again', async () => {
  const { url } = await open({ clientRate: { limit: 1, perMs: 60_000 } });
  await call(`${url}/parrot/hello`);
  const { status, headers, body } = await call(`${url}/parrot/hello`);
  expect({ status, type: headers['content-type'] }).toEqual({ status: 429, type: 'text/parrot' });
  expect(Number(headers['retry-after'])).toBeGreaterThan(0);
  expect(body).toBe(body.toUpperCase());
});

test('where no more jobs are taken a post is refused before its route sees it', async () => {
  const { url, submit, worker } = await open({}, 1);
  await worker.stop(0);
  await submit('noop');
  admitted = 0;
  expect(await call(`${url}/parrot`, { method: 'POST', body: 'hi' })).toMatchObject({
    status: 503,
    headers: { 'content-type': 'text/parrot', 'retry-after': expect.any(String) },
  });
  expect(admitted).toBe(0);
});

test('other methods and paths get our own answers, and the description does not name the old ones', async () => {
  const { url } = await open();
  expect(await call(`${url}/parrot`, { method: 'DELETE' })).toMatchObject({ status: 405, headers: { allow: 'OPTIONS, POST' } });
  expect(await call(`${url}/parrots`)).toMatchObject({ status: 404, headers: { 'content-type': 'application/problem+json' } });
  expect((await call(`${url}/openapi.json`)).body).not.toContain('parrot');
});

test('a socket of an older service is told what is for it; what it says is passed over', async () => {
  const { port } = await open();
  const socket = new WebSocket(`ws://127.0.0.1:${port}/parrot/socket`);
  await once(socket, 'open');
  socket.send('a word');
  expect([...clients].map(({ caller, address }) => ({ caller, address }))).toEqual([
    { caller: 'anonymous', address: '127.0.0.1' },
  ]);
  for (const client of clients) client.send(textFrame('Done!'));
  expect(String((await once(socket, 'message'))[0])).toBe('Done!');
  socket.close();
  await once(socket, 'close');
  await expect.poll(() => clients.size).toBe(0);
});

test('a reader that is stuck is closed with 1013, and the others hear all', async () => {
  const { port } = await open();
  const stuck = await openRawLive(port, '/parrot/socket');
  stuck.socket.pause();
  const reader = new WebSocket(`ws://127.0.0.1:${port}/parrot/socket`);
  let heard = 0;
  reader.on('message', () => {
    heard += 1;
  });
  await once(reader, 'open');
  const frame = textFrame('a'.repeat(64 * 1024));
  // More than the system and the server hold for a reader together.
  for (let count = 1; count <= 400; count++) {
    for (const client of clients) client.send(frame);
    if (heard < count) await once(reader, 'message');
  }
  stuck.socket.resume();
  await eventually('it is told why', () => stuck.closeCode() === 1013, 30_000);
  expect([heard, reader.readyState]).toEqual([400, WebSocket.OPEN]);
  stuck.socket.destroy();
  reader.terminate();
  await expect.poll(() => clients.size).toBe(0);
}, 60_000);

test('pages of other origins open no socket, and who asks without an upgrade is told what it is', async () => {
  const { port, url } = await open();
  const foreign = new WebSocket(`ws://127.0.0.1:${port}/parrot/socket`, { origin: 'http://evil.example' });
  const [error] = await once(foreign, 'error');
  expect(String(error)).toContain('403');
  expect(clients.size).toBe(0);
  expect(await call(`${url}/parrot/socket`)).toMatchObject({ status: 426, headers: { upgrade: 'websocket' } });
});

test('a server that stops sends the sockets of older services away', async () => {
  const { port, server: http } = await open();
  const socket = new WebSocket(`ws://127.0.0.1:${port}/parrot/socket`);
  await once(socket, 'open');
  http.drain();
  expect((await once(socket, 'close'))[0]).toBe(1001);
});

test('behind a proxy a socket has the address that the proxy tells', async () => {
  const { port } = await open({ trustProxy: true });
  const headers = { 'x-forwarded-for': '203.0.113.9, 198.51.100.7' };
  const socket = new WebSocket(`ws://127.0.0.1:${port}/parrot/socket`, { headers });
  await once(socket, 'open');
  expect([...clients].map(({ address }) => address)).toEqual(['198.51.100.7']);
  const said = await call(`http://127.0.0.1:${port}/parrot`, { method: 'POST', body: 'hi', headers });
  expect(said.body).toBe('hi anonymous 198.51.100.7');
  socket.terminate();
  await expect.poll(() => clients.size).toBe(0);
});
