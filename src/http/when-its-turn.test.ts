import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testService } from '../../test/support/engine.ts';
import { call, exchange, openTestServer, type TestServer } from '../../test/support/http-server.ts';
import { onePixelPng } from '../../test/support/pictures.ts';
import { eventually } from '../../test/support/program.ts';
import { limits } from '../core/limits.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer({ services: [testService('noop', 'noop')] });
});
afterAll(() => server.closeAll());

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
const begun = (path: string) => server.lines.filter((line) => line.path === path).length;
const heldBack = async () => {
  const { id } = JSON.parse(
    (await call(`${server.url}/v1/noop?runAt=1h&fresh=true`, { method: 'POST', body: onePixelPng })).body,
  );
  return { path: `/v1/jobs/${id}`, cancel: () => call(`${server.url}/v1/jobs/${id}/cancel`, { method: 'POST' }) };
};

test('requests that are sent ahead are answered in their order', async () => {
  const { path, cancel } = await heldBack();
  const answers = exchange(server.port, get(`${path}?wait=60s`) + get('/v1/queues') + get('/nothing'), (text) =>
    text.includes('/problems/not-found'),
  );
  await cancel();
  const text = await answers;
  expect(text.match(/HTTP\/1\.1 \d{3}/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 404']);
  expect(text.indexOf('"state":"canceled"')).toBeLessThan(text.indexOf('"paused":'));
});

test('those of a client that goes are never begun', async () => {
  const { path, cancel } = await heldBack();
  const socket = connect(server.port, '127.0.0.1');
  socket.write(get(`${path}?wait=60s`) + get('/v1/workers').repeat(10));
  await once(socket, 'connect');
  socket.destroy();
  await eventually('the first has ended', () => begun(path) === 1);
  await cancel();
  expect(begun('/v1/workers')).toBe(0);
});

test('who sends too many ahead is cut off', async () => {
  const { path } = await heldBack();
  const text = await exchange(server.port, get(`${path}?wait=60s`) + get('/livez').repeat(limits.requestsAheadMax + 1));
  expect(text).toBe('');
  expect(begun('/livez')).toBe(0);
});
