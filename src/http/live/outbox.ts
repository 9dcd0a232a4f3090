import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { limits } from '../../core/limits.ts';

const heldMax = 1_000;

/** The way out to one client. What waits for it is bounded: a client that reads too slowly is closed with 1013. */
export interface Outbox {
  send(frame: Buffer): void;
  /** For what is soon out of date: while the client is behind, only the newest frame of each key is kept. */
  sendLatest(key: string, frame: Buffer): void;
  /** Forgets a frame that has become out of date. */
  forget(key: string): void;
  /** Resolves with true once the client has taken what there was, with false once it is gone. */
  drained(): Promise<boolean>;
  readonly open: boolean;
  /** Bytes that wait for the client. */
  readonly bufferedBytes: number;
}

/** Frames go to the stream below the WebSocket, which writes only whole frames to it, too. */
export function createOutbox(socket: WebSocket, stream: Duplex, onRead: () => void): Outbox {
  const held = new Map<string, Buffer>();
  let waiting: ((open: boolean) => void)[] = [];
  let slow = false;
  const isOpen = () => !slow && socket.readyState === socket.OPEN && !stream.destroyed;

  function answerWaiting(): void {
    for (const resolve of waiting.splice(0)) resolve(isOpen());
  }

  function send(frame: Buffer): void {
    if (!isOpen()) return;
    stream.write(frame);
    if (stream.writableLength <= limits.liveBufferBytesMax) return;
    slow = true;
    held.clear();
    socket.close(1013, 'You read too slowly; resume with `since`.');
    answerWaiting();
  }

  stream.on('drain', () => {
    onRead();
    const frames = [...held.values()];
    held.clear();
    for (const frame of frames) send(frame);
    answerWaiting();
  });
  socket.once('close', () => {
    held.clear();
    answerWaiting();
  });

  return {
    send,
    sendLatest(key, frame) {
      if (!stream.writableNeedDrain) send(frame);
      else if (isOpen() && (held.size < heldMax || held.has(key))) held.set(key, frame);
    },
    forget: (key) => void held.delete(key),
    async drained() {
      if (!isOpen() || !stream.writableNeedDrain) return isOpen();
      return new Promise((resolve) => {
        waiting = [...waiting, resolve];
      });
    },
    get open() {
      return isOpen();
    },
    get bufferedBytes() {
      return stream.writableLength;
    },
  };
}
