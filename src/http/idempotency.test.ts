import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testService } from '../../test/support/engine.ts';
import { call, openTestServer, type TestServer } from '../../test/support/http-server.ts';
import { onePixelPng } from '../../test/support/pictures.ts';
import { eventually } from '../../test/support/program.ts';
import { idempotencyKey } from './idempotency.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer({ services: [testService('noop', 'noop')] });
});
afterAll(() => server.closeAll());

const send = (key: string, body: Buffer | string = onePixelPng, path = '/v1/noop') =>
  call(server.url + path, { method: 'POST', body, headers: { 'content-type': 'image/png', 'idempotency-key': key } });
const jobs = async (label: string) => JSON.parse((await call(`${server.url}/v1/jobs?label.of=${label}`)).body).items.length;

test('a repeated request gets the first answer again, byte for byte, and makes no second job', async () => {
  const first = await send('one', onePixelPng, '/v1/noop?label.of=one');
  const again = await send('"one"', onePixelPng, '/v1/noop?label.of=one');
  expect(first.status).toBe(202);
  expect(first.headers['idempotent-replayed']).toBeUndefined();
  expect(again).toMatchObject({
    status: 202,
    body: first.body,
    headers: { 'idempotent-replayed': 'true', location: first.headers.location },
  });
  expect(await jobs('one')).toBe(1);
});

test('the same key with another request is refused', async () => {
  await send('two');
  const other = await send('two', Buffer.concat([onePixelPng, Buffer.from('!')]));
  expect(other).toMatchObject({ status: 422, body: expect.stringContaining('/problems/idempotency-key-reused') });
});

test('a refused request frees its key', async () => {
  expect((await send('three', onePixelPng, '/v1/noop?priority=1000')).status).toBe(422);
  expect((await send('three')).status).toBe(202);
});

test('while the first request is still being sent, the same key is in progress', async () => {
  const socket = connect(server.port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(
    `POST /v1/noop HTTP/1.1\r\nHost: localhost\r\nIdempotency-Key: four\r\nContent-Type: image/png\r\nContent-Length: ${onePixelPng.length}\r\n\r\n`,
  );
  await eventually('the key is taken', async () => (await send('four')).status === 409);
  socket.write(onePixelPng);
  const [answer] = await once(socket, 'data');
  socket.destroy();
  expect(String(answer)).toMatch(/^HTTP\/1\.1 202 /);
  expect((await send('four')).headers['idempotent-replayed']).toBe('true');
});

test('a client that goes away in the middle of its body frees its key', async () => {
  const socket = connect(server.port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(
    'POST /v1/noop HTTP/1.1\r\nHost: localhost\r\nIdempotency-Key: five\r\nContent-Type: image/png\r\nContent-Length: 1000\r\n\r\n',
  );
  await eventually('the key is taken', async () => (await send('five')).status === 409);
  socket.destroy();
  await eventually('the key is free', async () => (await send('five')).status === 202);
});

test('many sends of one key at once make one job', async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, () => send('six', onePixelPng, '/v1/noop?label.of=six')));
  for (const { status } of answers) expect([202, 409]).toContain(status);
  expect(await jobs('six')).toBe(1);
});

test('a request that waited is repeated as it was answered', async () => {
  const wait = () =>
    call(`${server.url}/v1/noop?label.of=wait`, {
      method: 'POST',
      body: onePixelPng,
      headers: { 'idempotency-key': 'ten', prefer: 'wait=20' },
    });
  const first = await wait();
  expect(first.status).toBeLessThan(300);
  const again = await wait();
  expect([again.status, again.body, again.headers['preference-applied']]).toEqual([
    first.status,
    first.body,
    first.headers['preference-applied'],
  ]);
  expect(await jobs('wait')).toBe(1);
});

test('a repeated upload and a repeated cancel are answered as the first time', async () => {
  const upload = await send('seven', onePixelPng, '/v1/files');
  expect((await send('seven', onePixelPng, '/v1/files')).body).toBe(upload.body);
  const { id } = JSON.parse((await send('eight', onePixelPng, '/v1/noop?runAt=1h')).body);
  const canceled = await send('nine', '', `/v1/jobs/${id}/cancel`);
  expect(await send('nine', '', `/v1/jobs/${id}/cancel`)).toMatchObject({
    status: 200,
    body: canceled.body,
    headers: { 'idempotent-replayed': 'true' },
  });
});

describe('the key of a header', () => {
  test.each([
    ['abc', 'abc'],
    ['"abc"', 'abc'],
    ['"a\\"b"', 'a"b'],
    [' x ', 'x'],
  ])('%s is %s', (header, key) => expect(idempotencyKey(header)).toBe(key));

  test.each(['', '""', '"a', 'a"b', 'x'.repeat(256), 'a\tb', 'ä'])('%j is none', (header) =>
    expect(() => idempotencyKey(header)).toThrow(expect.objectContaining({ code: 'invalid-idempotency-key' })),
  );
});
