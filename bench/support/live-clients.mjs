/** Many WebSockets to one server that tell when the last of them has received a message. */
import { WebSocket } from 'ws';
import { answering, childOptions } from './answering.mjs';

const { url, clients, topic } = childOptions();
let left = clients;
let text = '';
let done = () => {};

function received(data) {
  left -= 1;
  if (left > 0) return;
  text = data.toString();
  done(String(process.hrtime.bigint()));
}

/** Resolves when the next message has reached all clients. */
let arrived = null;
function expectNext() {
  left = clients;
  arrived = new Promise((resolve) => {
    done = resolve;
  });
}

for (let opened = 0; opened < clients; opened++) {
  await new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { perMessageDeflate: false });
    socket.on('error', reject);
    socket.on('open', () => socket.send(JSON.stringify({ id: 1, type: 'subscribe', topics: [topic] })));
    // The first message is the answer to the subscription.
    socket.once('message', () => {
      socket.on('message', received);
      resolve();
    });
  });
}
expectNext();

answering({}, async ({ next }) => {
  if (next) return expectNext();
  return { receivedNs: await arrived, text };
});
