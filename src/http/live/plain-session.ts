import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Log } from '../../ports/log.ts';
import type { DropInSocket } from '../drop-in.ts';
import type { Hub } from './hub.ts';
import { HubSocket } from './hub-socket.ts';

export interface PlainSessionParts {
  readonly hub: Hub;
  readonly log: Log;
  readonly caller: string;
  readonly address: string;
  readonly traceId: string;
}

const words = { tooSlow: 'You read too slowly.', stopping: 'The server is stopping.' };

/** One WebSocket of an older service: it is told, and what it says is passed over. */
export class PlainSession extends HubSocket {
  constructor(
    { hub, log, caller, address, traceId }: PlainSessionParts,
    { connected }: DropInSocket,
    socket: WebSocket,
    stream: Duplex,
  ) {
    super({ log, traceId, words }, socket, stream);
    const gone = connected({ caller, address, send: (frame) => this.outbox.send(frame) });
    socket.once('close', (code) => {
      log.info({ traceId, code }, 'live.closed');
      gone();
      hub.leave(this);
    });
    hub.join(this);
  }
}
