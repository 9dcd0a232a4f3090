import { EventEmitter, once } from 'node:events';
import { Agent, request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { testService } from '../../test/support/engine.ts';
import { call, exchange, openTestServer, type TestServer } from '../../test/support/http-server.ts';
import { askForUpgrade } from '../../test/support/live-socket.ts';
import { onePixelPng } from '../../test/support/pictures.ts';
import { eventually } from '../../test/support/program.ts';
import { limits } from '../core/limits.ts';
import { HeldBodies } from './intake/held-bodies.ts';

let server: TestServer;

afterEach(() => server?.closeAll());

const services = [testService('sleepy', 'sleep')];
const png = { 'content-type': 'image/png' };
const post = (path: string, headers: Record<string, string> = {}) =>
  call(`${server.url}${path}`, { method: 'POST', headers: { ...png, ...headers }, body: onePixelPng });

async function openFull(): Promise<void> {
  server = await openTestServer({ services, settings: { serviceQueuedJobsMax: { sleepy: 1 } } });
  await server.engine.setPaused('sleepy', true);
  expect((await post('/v1/sleepy', { 'idempotency-key': 'first' })).status).toBe(202);
}

test('a full queue refuses before the body is sent, and says when to come again', async () => {
  await openFull();
  const head = 'POST /v1/sleepy HTTP/1.1\r\nhost: localhost\r\ncontent-type: image/png\r\ncontent-length: 1000000\r\n\r\n';
  const answer = await exchange(server.port, head, (text) => text.includes('queue-full'));
  expect(answer).toMatch(/^HTTP\/1\.1 503 /);
  expect(answer).toMatch(/\r\nretry-after: [1-9]\d*\r\n/i);
});

test('a request that was answered before gets its answer from a full queue, too', async () => {
  await openFull();
  expect(await post('/v1/sleepy', { 'idempotency-key': 'first' })).toMatchObject({ status: 202 });
  expect(await post('/v1/sleepy', { 'idempotency-key': 'other' })).toMatchObject({ status: 503 });
  await server.engine.setPaused('sleepy', false);
  await eventually('the key of the refused one is free again', async () => {
    const { status } = await post('/v1/sleepy', { 'idempotency-key': 'other' });
    return status === 202;
  });
});

test('a full queue takes a job that names bytes whose result is known, since it needs no place, and no other', async () => {
  const both = [...services, testService('quick', 'noop')];
  server = await openTestServer({ services: both, settings: { serviceQueuedJobsMax: { quick: 1 } } });
  const upload = async (bytes: Buffer) => {
    const { body } = await call(`${server.url}/v1/files`, { method: 'POST', headers: png, body: bytes });
    return JSON.parse(body).id;
  };
  const [known, unknown] = [await upload(onePixelPng), await upload(Buffer.concat([onePixelPng, Buffer.of(0)]))];
  const submit = (request: object) =>
    call(`${server.url}/v1/quick`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(request),
    });
  const first = JSON.parse((await submit({ source: { file: known } })).body);
  await eventually('its result is known', async () => (await call(`${server.url}/v1/jobs/${first.id}/result`)).status === 200);
  await server.engine.setPaused('quick', true);
  expect((await submit({ source: { file: unknown } })).status).toBe(202);
  const again = await submit({ source: { file: known } });
  expect(again.status).toBe(202);
  expect(JSON.parse(again.body)).toMatchObject({ state: 'succeeded', reusedFrom: first.id });
  for (const refused of [
    { source: { file: unknown } },
    { source: { file: known }, fresh: true },
    { source: { file: known }, runAt: '1h' },
    { source: { base64: onePixelPng.toString('base64') } },
    { source: { url: 'https://files.example/a.png' } },
  ]) {
    expect(await submit(refused)).toMatchObject({ status: 503, headers: { 'retry-after': expect.stringMatching(/^[1-9]/) } });
  }
  expect((await post('/v1/quick')).status).toBe(503);
});

test('a refusal leaves no file, no reservation and no job behind', async () => {
  await openFull();
  const before = await server.engine.storage();
  for (let n = 0; n < 5; n += 1) expect((await post('/v1/sleepy', { 'idempotency-key': `k${n}` })).status).toBe(503);
  expect((await server.engine.storage()).files).toEqual(before.files);
  expect((await server.engine.queues())[0]?.counts.queued).toBe(1);
  expect(server.lines.filter(({ msg }) => msg === 'request.failed')).toEqual([]);
});

test.each([onePixelPng.length, 1024 ** 2])('a connection outlives the refusal of a body of %d bytes', async (bytes) => {
  await openFull();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const reused: boolean[] = [];
  for (let n = 0; n < 3; n += 1) {
    await new Promise<void>((resolve, reject) => {
      const options = { method: 'POST', agent, headers: { ...png, 'content-length': bytes } };
      const sent = httpRequest(`${server.url}/v1/sleepy`, options, (response) => {
        expect(response.statusCode).toBe(503);
        reused.push(sent.reusedSocket);
        response.resume().on('end', () => resolve());
      });
      sent.on('error', reject).end(Buffer.alloc(bytes));
    });
  }
  agent.destroy();
  expect(reused).toEqual([false, true, true]);
});

test('who asks before sending a body is refused without having sent it, and told to go on where it is taken', async () => {
  await openFull();
  const head = (path: string) =>
    `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: image/png\r\ncontent-length: ${onePixelPng.length}\r\nexpect: 100-continue\r\n\r\n`;
  const refused = await exchange(server.port, head('/v1/sleepy'));
  expect(refused).toMatch(/^HTTP\/1\.1 503 /);
  expect(refused).toMatch(/\r\nconnection: close\r\n/i);
  expect(refused.match(/HTTP\/1\.1/g)).toHaveLength(1);
  const taken = await new Promise<string>((resolve, reject) => {
    let text = '';
    const socket = connect(server.port, '127.0.0.1', () => socket.write(head('/v1/files')));
    socket.setEncoding('latin1').on('error', reject);
    socket.on('data', (chunk: string) => {
      text += chunk;
      if (text === 'HTTP/1.1 100 Continue\r\n\r\n') socket.write(onePixelPng);
      if (text.endsWith('}')) resolve(text);
    });
    socket.on('close', () => resolve(text));
  });
  expect(taken).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 201 /);
});

test('of a call of many jobs those get in that have room; a call of which none has is refused as a whole', async () => {
  server = await openTestServer({ services, settings: { serviceQueuedJobsMax: { sleepy: 3 } } });
  await server.engine.setPaused('sleepy', true);
  const job = { service: 'sleepy', source: { base64: onePixelPng.toString('base64') }, fresh: true };
  const body = JSON.stringify({ jobs: [job, job, job, job, job] });
  const send = () => call(`${server.url}/v1/jobs`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  const { items } = JSON.parse((await send()).body);
  expect(items.map((item: object) => Object.keys(item)[0])).toEqual(['id', 'id', 'id', 'problem', 'problem']);
  const refused = await send();
  expect(refused).toMatchObject({ status: 503, headers: { 'retry-after': expect.stringMatching(/^[1-9]/) } });
  expect(JSON.parse(refused.body)).toMatchObject({ type: '/problems/queue-full' });
});

test('a caller with too many waiting jobs is refused with 429, and tries again in vain until one has gone', async () => {
  server = await openTestServer({ services, settings: { callerQueuedJobsMax: 1 } });
  await server.engine.setPaused('sleepy', true);
  const { id } = JSON.parse((await post('/v1/sleepy')).body);
  const refused = await post('/v1/sleepy');
  expect(refused).toMatchObject({ status: 429, headers: { 'retry-after': expect.stringMatching(/^[1-9]/) } });
  expect(JSON.parse(refused.body)).toMatchObject({ type: '/problems/quota-exceeded' });
  await call(`${server.url}/v1/jobs/${id}`, { method: 'DELETE' });
  await eventually('there is room again', async () => (await post('/v1/sleepy')).status === 202);
});

test('a client past its rate is refused with 429, except for probes, and every answer tells what is left', async () => {
  server = await openTestServer({ services }, { clientRate: { limit: 2, perMs: 3_600_000 } });
  const statuses = [];
  for (let n = 0; n < 3; n += 1) statuses.push(await call(`${server.url}/v1/queues`));
  expect(statuses.map(({ status }) => status)).toEqual([200, 200, 429]);
  expect(statuses.map(({ headers }) => headers.ratelimit)).toEqual([
    expect.stringMatching(/^"default";r=1;t=\d+$/),
    expect.stringMatching(/^"default";r=0;t=\d+$/),
    expect.stringMatching(/^"default";r=0;t=\d+$/),
  ]);
  expect(statuses[2]?.headers).toMatchObject({
    'ratelimit-policy': '"default";q=2;w=3600',
    'retry-after': expect.stringMatching(/^[1-9]\d*$/),
  });
  expect((await call(`${server.url}/livez`)).status).toBe(200);
});

test('asking for a WebSocket counts against the rate of a client, and is refused past it', async () => {
  server = await openTestServer({ services }, { clientRate: { limit: 2, perMs: 3_600_000 } });
  expect((await call(`${server.url}/v1/queues`)).status).toBe(200);
  expect(await askForUpgrade(server.port, {})).toMatch(/^HTTP\/1\.1 101 /);
  const refused = await askForUpgrade(server.port, {});
  expect(refused).toMatch(/^HTTP\/1\.1 429 .*\r\nretry-after: [1-9].*rate-limited/is);
  expect(refused).toMatch(/\r\nratelimit: "default";r=0;t=\d+\r\n/i);
  expect((await call(`${server.url}/v1/queues`)).status).toBe(429);
});

test('more requests at once than may wait for the store are refused, and all others are done', async () => {
  server = await openTestServer({ services, settings: { queuedJobsMax: 10_000 } });
  await server.engine.setPaused('sleepy', true);
  const all = await Promise.allSettled(Array.from({ length: limits.writesWaitingMax + 200 }, () => server.submit('sleepy')));
  const refused = all.filter((result) => result.status === 'rejected');
  expect(refused).toHaveLength(200);
  for (const { reason } of refused) expect(reason).toMatchObject({ code: 'overloaded', retryAfterSeconds: 1 });
  expect((await server.engine.queues())[0]?.counts.queued).toBe(limits.writesWaitingMax);
});

test('bodies that are held in memory share a limit, and give back what they took', async () => {
  const held = new HeldBodies(1_000);
  async function* body(bytes: number) {
    yield Buffer.alloc(bytes);
  }
  const gate = new EventEmitter();
  const first = held.during(body(900), () => once(gate, 'open'));
  // Until all of it has come.
  await nextTurn();
  await expect(held.during(body(200), () => 'read')).rejects.toMatchObject({ code: 'overloaded', retryAfterSeconds: 1 });
  expect(await held.during(body(100), () => 'read')).toBe('read');
  gate.emit('open');
  await first;
  expect(await held.during(body(1_000), () => 'read')).toBe('read');
});
