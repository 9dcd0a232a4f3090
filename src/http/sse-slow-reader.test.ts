import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testService } from '../../test/support/engine.ts';
import { call, openTestServer, type TestServer } from '../../test/support/http-server.ts';
import { onePixelPng } from '../../test/support/pictures.ts';
import { newId } from '../core/ids.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer({ services: [testService('noop', 'noop')] });
});
afterAll(() => server.closeAll());

test('a reader that does not read is cut off before it costs memory, and can go on behind what it got', {
  timeout: 60_000,
}, async () => {
  const { id } = JSON.parse((await call(`${server.url}/v1/noop?runAt=1h`, { method: 'POST', body: onePixelPng })).body);
  const socket = connect(server.port, '127.0.0.1');
  await once(socket, 'connect');
  const closed = once(socket, 'close');
  socket.on('error', () => {});
  socket.pause();
  socket.write(`GET /v1/jobs/${id}/events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n`);

  // The history grows by more than the sockets and the server may hold for a reader.
  const { store, bus } = server.parts;
  const filler = 'x'.repeat(100_000);
  let version = (await store.get(id))?.version ?? 0;
  let cutOff = false;
  const streamEnds = () => server.lines.some(({ path, status }) => path === `/v1/jobs/${id}/events` && status !== undefined);
  for (let round = 0; round < 400 && !cutOff; round += 1) {
    const job = await store.get(id);
    if (job === null) throw new Error('the job is gone');
    version += 1;
    const event = { type: 'job.released' as const, data: { reason: `${newId()}${filler}` } };
    await store.change({ next: { ...job, version }, event, fence: { version: job.version } });
    bus.publish({ kind: 'changed', job: id, caller: job.caller, service: job.service, state: job.state });
    await new Promise((resolve) => setImmediate(resolve));
    cutOff = streamEnds();
  }
  expect(cutOff).toBe(true);

  let text = '';
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
  });
  socket.resume();
  await closed;
  const ids = [...text.matchAll(/^id: (\S+)$/gm)].map(([, cursor]) => cursor ?? '');
  const history = JSON.parse((await call(`${server.url}/v1/jobs/${id}/events`)).body).items;
  expect(ids.length).toBeGreaterThan(0);
  expect(ids.length).toBeLessThan(history.length);
  expect(history.slice(0, ids.length).map((event: { id: string }) => event.id)).toEqual(ids);
});
