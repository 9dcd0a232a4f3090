import type { Duplex } from 'node:stream';
import { limits } from '../core/limits.ts';

/**
 * Says the last words on a connection and ends it. A client that has not stopped sending is listened to for a moment longer,
 * since closing on it would make its system throw the words away; one that never ends its side is cut off then.
 */
export function endSocket(socket: Duplex, words = ''): void {
  const timer = setTimeout(() => socket.destroy(), limits.lingerMs);
  socket.once('close', () => clearTimeout(timer));
  socket.on('error', () => socket.destroy());
  socket.end(words);
  socket.resume();
}
