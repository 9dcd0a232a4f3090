import { connect, type Socket } from 'node:net';

/** What a slow client does: its first bytes, and what it sends once a second from then on. */
export interface SlowKind {
  readonly name: string;
  readonly first: string | Buffer;
  readonly drip: string | null;
  /** Whether it takes what comes. */
  readonly reads: boolean;
  /** Whether it is told 408 before the end. */
  readonly told: boolean;
}

export interface SlowClient {
  readonly kind: SlowKind;
  readonly socket: Socket;
  readonly openedAt: number;
  /** When the server ended the connection. */
  endedAt: number | null;
  heard: string;
  bytes: number;
}

const heardCharsMax = 2_000;

/** Never ends its own side, and lets go of nothing by itself. */
export function openSlowClient(port: number, kind: SlowKind): Promise<SlowClient> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }, () => {
      const client: SlowClient = { kind, socket, openedAt: performance.now(), endedAt: null, heard: '', bytes: 0 };
      const ended = () => {
        client.endedAt ??= performance.now();
      };
      socket.off('error', reject).on('error', ended).on('end', ended).on('close', ended);
      socket.on('data', (chunk: Buffer) => {
        client.bytes += chunk.length;
        if (client.heard.length < heardCharsMax) client.heard += chunk.toString('latin1');
      });
      if (!kind.reads) socket.pause();
      socket.write(kind.first);
      resolve(client);
    });
    socket.on('error', reject);
  });
}
