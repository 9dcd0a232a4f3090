import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '../core/clock.ts';
import { limits } from '../core/limits.ts';
import type { Log } from '../ports/log.ts';
import { createPace, type Pace } from './pace.ts';

/** How much of what was written the system has taken, in the middle of a large write, too, only the handle below a socket knows. */
type WritingSocket = Socket & { readonly _handle?: { readonly bytesWritten: number; readonly writeQueueSize: number } | null };

/**
 * Cuts off whoever asks for much and does not read it: an answer that waits holds memory, and a file open. All that is written
 * to a connection is watched alike: files, documents, event streams, answers to requests that are sent ahead, live events.
 */
export function cutSlowReaders(server: Server, { clock, log }: { clock: Clock; log: Log }): void {
  const paces = new Map<WritingSocket, Pace>();
  server.on('connection', (socket: WritingSocket) => {
    // A connection that was handed back is announced again.
    if (paces.has(socket)) return;
    paces.set(socket, createPace(limits.answerIdleMs, 0, clock.now()));
    socket.once('close', () => paces.delete(socket));
  });

  function check(): void {
    const now = clock.now();
    for (const [socket, pace] of paces) {
      const handle = socket._handle;
      const takenBytes = handle == null ? 0 : handle.bytesWritten - handle.writeQueueSize;
      if (socket.writableLength === 0) pace.forgive(takenBytes, now);
      else if (pace.isTooSlow(takenBytes, now)) {
        log.info({ takenBytes, waitingBytes: socket.writableLength }, 'reader.slow');
        // A plain end would leave what is unsent to the system, which would offer it for minutes more.
        socket.resetAndDestroy();
      }
    }
    clear = clock.after(limits.connectionCheckMs, check);
  }
  let clear = clock.after(limits.connectionCheckMs, check);
  server.once('close', () => clear());
}
