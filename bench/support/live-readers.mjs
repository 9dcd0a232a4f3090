/** Many WebSockets to one server whose messages are taken and not looked at: the cheapest readers that there can be. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { answering, childOptions } from './answering.mjs';

const { url, clients, topics } = childOptions();
const { hostname, port, host, pathname } = new URL(url);
const command = Buffer.from(JSON.stringify({ id: 1, type: 'subscribe', topics }));
let bytes = 0;

/** A masked text frame; a mask of zeros leaves the bytes as they are. */
const frame = Buffer.concat([Buffer.of(0x81, 0x80 | command.length, 0, 0, 0, 0), command]);

for (let opened = 0; opened < clients; opened++) {
  const socket = connect({ host: hostname, port: Number(port) });
  await once(socket, 'connect');
  const head = [
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${'A'.repeat(22)}==`,
  ];
  socket.write(`GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\n${head.join('\r\n')}\r\n\r\n`);
  const [answer] = await once(socket, 'data');
  if (!answer.toString('latin1').startsWith('HTTP/1.1 101')) throw new Error(answer.toString());
  socket.write(frame);
  await once(socket, 'data');
  socket.on('data', (chunk) => {
    bytes += chunk.length;
  });
}

answering({}, () => bytes);
