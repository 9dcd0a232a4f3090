import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testService } from '../../../test/support/engine.ts';
import { openTestServer, type TestServer } from '../../../test/support/http-server.ts';
import { askForUpgrade } from '../../../test/support/live-socket.ts';
import { eventually } from '../../../test/support/program.ts';
import { limits } from '../../core/limits.ts';

let server: TestServer;
const sockets: Socket[] = [];
beforeAll(async () => {
  server = await openTestServer({ services: [testService('noop', 'noop')] });
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await server.closeAll();
});

async function open(): Promise<Socket> {
  const socket = connect(server.port, '127.0.0.1');
  socket.write(
    `GET /v1/live HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${Buffer.alloc(16).toString('base64')}\r\n\r\n`,
  );
  const [answer]: Buffer[] = await once(socket, 'data');
  expect(answer?.toString('latin1')).toMatch(/^HTTP\/1\.1 101 /);
  return socket;
}

test(`the socket after the ${limits.liveSocketsMax}th is refused with 503, until one of them goes`, {
  timeout: 120_000,
}, async () => {
  while (sockets.length < limits.liveSocketsMax) {
    const batch = Math.min(100, limits.liveSocketsMax - sockets.length);
    sockets.push(...(await Promise.all(Array.from({ length: batch }, open))));
  }
  const refused = await askForUpgrade(server.port, {});
  expect(refused).toMatch(/^HTTP\/1\.1 503 /);
  expect(refused).toMatch(/\r\nretry-after: \d/);
  expect(refused).toContain('/problems/too-many-sockets');
  sockets.pop()?.destroy();
  await eventually('there is room again', async () => (await askForUpgrade(server.port, {})).startsWith('HTTP/1.1 101 '));
});
