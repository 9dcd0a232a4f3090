/** Bare `ws` that sends a text to all who are connected. */
import { WebSocketServer } from 'ws';
import { answering } from '../support/answering.mjs';

const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
server.on('connection', (socket) => socket.on('message', () => socket.send('{"type":"result"}')));
server.on('listening', () => {
  answering({ url: `ws://127.0.0.1:${server.address().port}` }, async ({ text }) => {
    const sentNs = String(process.hrtime.bigint());
    for (const client of server.clients) client.send(text);
    return { sentNs };
  });
});
