/** Bare `node:http` and `ws`: keeps pours in memory, answers, and sends each to all who are connected. */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { answering } from '../support/answering.mjs';

const beers = new Map();
const server = createServer((request, response) => {
  let text = '';
  request.setEncoding('utf8');
  request.on('data', (chunk) => {
    text += chunk;
  });
  request.on('end', () => {
    const { tapId, volume } = JSON.parse(text);
    const type = volume <= 300 ? 'half' : volume <= 800 ? 'pint' : 'stein';
    const beer = { id: randomUUID(), tapId, volume, type, timestamp: new Date().toISOString() };
    beers.set(beer.id, beer);
    const answer = JSON.stringify(beer);
    const message = `{"type":"event","topic":"beers","event":{"type":"beer.poured","source":"/v1/beers/${beer.id}","data":${answer}}}`;
    for (const client of sockets.clients) client.send(message);
    response.writeHead(201, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(answer),
      location: `/v1/beers/${beer.id}`,
    });
    response.end(answer);
  });
});
const sockets = new WebSocketServer({ server, perMessageDeflate: false });
sockets.on('connection', (socket) => {
  socket.on('message', () => socket.send('{"type":"result"}'));
});
server.listen(0, '127.0.0.1', () => answering({ url: `http://127.0.0.1:${server.address().port}` }, () => beers.size));
