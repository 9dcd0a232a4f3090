import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { limits } from '../core/limits.ts';

const waiting = new WeakMap<Socket, number>();

/**
 * Requests that a client sends ahead on a connection are begun one after the other, each when the answers before it are out.
 * What is begun early could hold a file open for an answer whose turn comes late or, where the client goes, never: Node does
 * not tell the answers that wait of the end of their connection.
 */
export function whenItsTurn({ socket }: IncomingMessage, response: ServerResponse, begin: () => void): void {
  if (response.socket !== null) {
    begin();
    return;
  }
  const ahead = (waiting.get(socket) ?? 0) + 1;
  waiting.set(socket, ahead);
  if (ahead > limits.requestsAheadMax) socket.destroy();
  response.once('socket', () => {
    waiting.set(socket, (waiting.get(socket) ?? 1) - 1);
    begin();
  });
}
