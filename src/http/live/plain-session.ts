import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Log } from '../../ports/log.ts';
import type { DropInSocket } from '../drop-in.ts';
import type { Hub, HubMember } from './hub.ts';
import { createOutbox, type Outbox } from './outbox.ts';

export interface PlainSessionParts {
  readonly hub: Hub;
  readonly log: Log;
  readonly caller: string;
  readonly address: string;
  readonly traceId: string;
}

/** One WebSocket of an older service: it is told, and what it says is passed over. */
export class PlainSession implements HubMember {
  readonly kind = 'socket';
  readonly #socket: WebSocket;
  readonly #outbox: Outbox;
  #alive = true;

  constructor(
    { hub, log, caller, address, traceId }: PlainSessionParts,
    { connected }: DropInSocket,
    socket: WebSocket,
    stream: Duplex,
  ) {
    this.#socket = socket;
    const sign = () => {
      this.#alive = true;
    };
    // Frames go to the stream below the WebSocket, which writes only whole frames to it, too.
    this.#outbox = createOutbox({
      stream,
      isOpen: () => socket.readyState === socket.OPEN,
      sendAway: () => socket.close(1013, 'You read too slowly.'),
      onRead: sign,
    });
    socket.on('pong', sign);
    socket.on('message', sign);
    // What is wrong with a frame is told to the client by the code of the close.
    socket.on('error', (error) => log.info({ traceId, reason: error.message }, 'live.refused'));
    const gone = connected({ caller, address, send: (frame) => this.#outbox.send(frame) });
    socket.once('close', (code) => {
      log.info({ traceId, code }, 'live.closed');
      gone();
      hub.leave(this);
    });
    hub.join(this);
  }

  beat(): boolean {
    const wasAlive = this.#alive;
    this.#alive = false;
    if (wasAlive && this.#outbox.open) this.#socket.ping();
    return wasAlive;
  }

  get bufferedBytes(): number {
    return this.#outbox.bufferedBytes;
  }

  terminate(): void {
    this.#socket.terminate();
  }

  goAway(): void {
    this.#socket.close(1001, 'The server is stopping.');
  }
}
