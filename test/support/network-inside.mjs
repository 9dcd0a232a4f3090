/**
 * Runs inside a network of its own and opens there what the parent asks for: sockets are handed over to the parent, which speaks
 * over them as if they were its own. Ends with the parent.
 */
import { createSocket } from 'node:dgram';
import { connect, createServer } from 'node:net';

const doors = {
  /** Whoever connects to this address inside is the parent's guest. */
  listen({ host, port }, answer) {
    const server = createServer();
    server.once('error', (error) => answer({ error: error.message }));
    // Handed over: two that listen would share what comes.
    server.listen({ host, port }, () => answer({}, server, () => server.close()));
  },
  datagrams({ host, port }, answer) {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    socket.once('error', (error) => answer({ error: error.message }));
    socket.bind(port, host, () => answer({}, socket, () => socket.close()));
  },
  /** Whether something listens there. */
  knock({ host, port }, answer) {
    const socket = connect({ host, port });
    socket.once('connect', () => answer({ open: true }, undefined, () => socket.destroy()));
    socket.once('error', () => answer({ open: false }));
  },
  /** What comes to the server that is handed in, which lies outside, goes to this address inside. */
  relay({ host, port }, answer, outside) {
    outside.on('connection', (guest) => {
      const inside = connect({ host, port });
      for (const [from, to] of [
        [guest, inside],
        [inside, guest],
      ]) {
        from.pipe(to);
        from.on('error', () => to.destroy());
        from.on('close', () => to.destroy());
      }
    });
    answer({});
  },
};

process.on('message', ({ id, ask, ...place }, handle) => {
  doors[ask](place, (said, given, done) => process.send({ id, ...said }, given, done), handle);
});
process.on('disconnect', () => process.exit());
process.send({ id: 0 });
