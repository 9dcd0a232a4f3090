import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { dropBody } from './drop-body.ts';

const clients: Socket[] = [];
let server: Server;

afterEach(() => {
  for (const client of clients.splice(0)) client.destroy();
  server.close();
});

/** Drops all bodies, and answers each request when its body has ended. */
async function openDropping(see: (request: IncomingMessage) => void): Promise<void> {
  server = createServer((request, response) => {
    see(request);
    dropBody(request);
    request.on('end', () => response.end('dropped'));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
}

async function startUpload(declared: number): Promise<Socket> {
  const { port } = server.address() as AddressInfo;
  const client = connect(port, '127.0.0.1');
  clients.push(client);
  await once(client, 'connect');
  client.write(`POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${declared}\r\n\r\n`);
  return client;
}

test('of many bodies that come at once few pieces are taken in a turn, and all of each in the end', async () => {
  const bodyBytes = 2 * 1024 ** 2;
  let turn = 0;
  let bytes = 0;
  const pieces: number[] = [];
  await openDropping((request) => {
    request.on('data', (chunk: Buffer) => {
      pieces[turn] = (pieces[turn] ?? 0) + 1;
      bytes += chunk.length;
    });
  });
  const nextTurn = () => {
    turn += 1;
    next = setImmediate(nextTurn);
  };
  let next = setImmediate(nextTurn);
  const senders = await Promise.all(Array.from({ length: 40 }, () => startUpload(bodyBytes)));
  const answers = senders.map((client) => once(client, 'data'));
  for (const client of senders) client.write(Buffer.alloc(bodyBytes));
  for (const [answer] of await Promise.all(answers)) expect(String(answer)).toMatch(/^HTTP\/1\.1 200 /);
  clearImmediate(next);
  expect(bytes).toBe(40 * bodyBytes);
  // One that has nothing yet when it is its turn takes its piece in a later one.
  expect(Math.max(...pieces.filter((count) => count > 0))).toBeLessThanOrEqual(2 * 4);
});

test('bodies that come slowly, or not at all, hold nobody up', async () => {
  const requests = new Set<IncomingMessage>();
  await openDropping((request) => requests.add(request));
  await Promise.all(Array.from({ length: 40 }, () => startUpload(100)));
  const quick = await startUpload(1024 ** 2);
  const answered = once(quick, 'data');
  quick.write(Buffer.alloc(1024 ** 2));
  expect(String(await answered)).toMatch(/^HTTP\/1\.1 200 /);
});
