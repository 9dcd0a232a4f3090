import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ManualClock } from '../../../test/support/manual-clock.ts';
import { requestBody } from './request-body.ts';

const clock = new ManualClock();
const server = createServer({ requestTimeout: 0 });
let socket: Socket;
let request: IncomingMessage;

beforeEach(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // An address of a TCP server is never a path.
  socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n');
  [request] = await once(server, 'request');
});
afterEach(async () => {
  socket.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const chunk = async (body: AsyncGenerator<Buffer>) => {
  const step = await body.next();
  return step.done === true ? null : step.value.toString();
};

test('a body that stands still for half a minute is given up', async () => {
  const body = requestBody(request, clock, 2_000_000);
  socket.write('a');
  expect(await chunk(body)).toBe('a');
  const next = expect(chunk(body)).rejects.toMatchObject({ code: 'request-timeout' });
  await new Promise((resolve) => setImmediate(resolve));
  clock.advance(36_000);
  await next;
});

test('a body that comes a byte now and then is given up after a minute', async () => {
  const body = requestBody(request, clock, 2_000_000);
  const read = async () => {
    for (;;) await chunk(body);
  };
  const given = expect(read()).rejects.toMatchObject({ code: 'request-timeout' });
  for (let seconds = 0; seconds < 70; seconds += 10) {
    const seen = request.readableLength;
    socket.write('a');
    while (socket.writableLength > 0 || request.readableLength > seen) await new Promise((resolve) => setImmediate(resolve));
    clock.advance(10_000);
  }
  await given;
});

test('a body that we do not read for long is not the fault of the client', async () => {
  const body = requestBody(request, clock, 2_000_000);
  socket.write('a');
  expect(await chunk(body)).toBe('a');
  clock.advance(3_600_000);
  socket.write('b');
  expect(await chunk(body)).toBe('b');
});

test('of a body that is not taken a quarter of a megabyte is read ahead, and the rest when it is', async () => {
  const body = requestBody(request, clock, 2_000_000);
  const sent = Buffer.alloc(1_000_000, 'abcdefg');
  socket.write(sent);
  const chunks = [(await body.next()).value];
  const pause = () => new Promise((resolve) => setTimeout(resolve, 1));
  while (request.socket.bytesRead < 256 * 1024) await pause();
  for (let more = 0; more < 100; more += 1) await pause();
  // Besides: the chunk that was taken, the one that went over the limit, and what lies in Node's stream.
  expect(request.socket.bytesRead).toBeLessThan((256 + 4 * 64) * 1024);
  for await (const chunk of body) chunks.push(chunk);
  expect(Buffer.concat(chunks).equals(sent)).toBe(true);
});

test('a client that goes away ends the body with an error of its own', async () => {
  const body = requestBody(request, clock, 2_000_000);
  socket.write('a');
  expect(await chunk(body)).toBe('a');
  socket.destroy();
  await expect(chunk(body)).rejects.toMatchObject({ name: 'ClientGone' });
});

test('a client that went away before its body is read is not waited for', async () => {
  const body = requestBody(request, clock, 2_000_000);
  const gone = new Promise((resolve) => request.on('error', () => {}).once('close', resolve));
  socket.destroy();
  await gone;
  await expect(chunk(body)).rejects.toMatchObject({ name: 'ClientGone' });
});

test('a body that is declared too long is refused before it is read', () => {
  expect(() => requestBody(request, clock, 999_999)).toThrow(expect.objectContaining({ code: 'payload-too-large' }));
});
