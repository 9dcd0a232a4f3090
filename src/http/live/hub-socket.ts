import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Log } from '../../ports/log.ts';
import type { HubMember } from './hub.ts';
import { createOutbox, type Outbox } from './outbox.ts';

export interface HubSocketParts {
  readonly log: Log;
  readonly traceId: string;
  /** What the client is told when it is sent away for reading too slowly, and when the server stops. */
  readonly words: { readonly tooSlow: string; readonly stopping: string };
}

/** A WebSocket as a member of the hub: what is sent to it, and whether it still gives signs of life. */
export class HubSocket implements HubMember {
  readonly kind = 'socket';
  protected readonly socket: WebSocket;
  protected readonly outbox: Outbox;
  readonly #stopping: string;
  #alive = true;

  constructor({ log, traceId, words }: HubSocketParts, socket: WebSocket, stream: Duplex) {
    this.socket = socket;
    this.#stopping = words.stopping;
    const sign = () => {
      this.#alive = true;
    };
    // Frames go to the stream below the WebSocket, which writes only whole frames to it, too.
    this.outbox = createOutbox({
      stream,
      isOpen: () => socket.readyState === socket.OPEN,
      sendAway: () => socket.close(1013, words.tooSlow),
      onRead: sign,
    });
    socket.on('pong', sign);
    socket.on('message', sign);
    // What is wrong with a frame is told to the client by the code of the close.
    socket.on('error', (error) => log.info({ traceId, reason: error.message }, 'live.refused'));
  }

  beat(): boolean {
    const wasAlive = this.#alive;
    this.#alive = false;
    if (wasAlive && this.outbox.open) this.socket.ping();
    return wasAlive;
  }

  get bufferedBytes(): number {
    return this.outbox.bufferedBytes;
  }

  terminate(): void {
    this.socket.terminate();
  }

  goAway(): void {
    this.socket.close(1001, this.#stopping);
  }
}
