import type { Writable } from 'node:stream';
import { limits } from '../../core/limits.ts';

const heldMax = 1_000;

/** The way out to one client. What waits for it is bounded: a client that reads too slowly is sent away. */
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

export interface OutboxParts {
  readonly stream: Writable;
  /** Whether the client is still to be told anything. */
  readonly isOpen: () => boolean;
  /** Called once, for a client that reads too slowly. */
  readonly sendAway: () => void;
  /** Called when the client has taken what there was. */
  readonly onRead: () => void;
}

export function createOutbox({ stream, sendAway, onRead, ...parts }: OutboxParts): Outbox {
  const held = new Map<string, Buffer>();
  let waiting: ((open: boolean) => void)[] = [];
  let slow = false;
  let gathering = false;
  const isOpen = () => !slow && parts.isOpen() && !stream.destroyed;

  function answerWaiting(): void {
    for (const resolve of waiting.splice(0)) resolve(isOpen());
  }

  function send(frame: Buffer): void {
    if (!isOpen()) return;
    gather();
    stream.write(frame);
    if (stream.writableLength <= limits.liveBufferBytesMax) return;
    slow = true;
    held.clear();
    sendAway();
    answerWaiting();
  }

  /** What is sent in one go, the events of one commit, say, reaches the system in one call. */
  function gather(): void {
    if (gathering) return;
    gathering = true;
    stream.cork();
    process.nextTick(() => {
      gathering = false;
      stream.uncork();
    });
  }

  stream.on('drain', () => {
    onRead();
    const frames = [...held.values()];
    held.clear();
    for (const frame of frames) send(frame);
    answerWaiting();
  });
  stream.once('close', () => {
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
