import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type ClientOptions, WebSocket } from 'ws';
import type { LiveCommand, LiveMessage } from '../../src/contracts/live.ts';
import { call, exchange } from './http-server.ts';
import { eventually } from './program.ts';

/** A client of `/v1/live` that remembers all that it was told. */
export interface LiveClient {
  readonly socket: WebSocket;
  readonly messages: LiveMessage[];
  /** Type, or topic and type and job, of each message, short. */
  told(): string[];
  /** Event types of a job on a topic, in order. */
  types(topic: string, job: string): string[];
  ids(): string[];
  send(command: LiveCommand): void;
  /** Sends a command and gives its result. */
  ask(command: LiveCommand): Promise<Extract<LiveMessage, { type: 'result' }>>;
  /** Resolves with the code once it is closed. */
  readonly closed: Promise<number>;
}

export async function openLive(url: string, options: ClientOptions = {}): Promise<LiveClient> {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/v1/live`, 'coatcheck.v1', options);
  const messages: LiveMessage[] = [];
  socket.on('message', (data) => messages.push(JSON.parse(data.toString())));
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  await once(socket, 'open');
  const events = () => messages.flatMap((message) => (message.type === 'event' ? [message] : []));
  return {
    socket,
    messages,
    closed,
    told: () => messages.map((message) => (message.type === 'event' ? `${message.topic} ${message.event.type}` : message.type)),
    types: (topic, job) =>
      events().flatMap(({ topic: heard, event }) =>
        heard === topic && 'subject' in event && event.subject === job ? [event.type] : [],
      ),
    ids: () => events().map(({ event }) => event.id),
    send: (command) => socket.send(JSON.stringify(command)),
    async ask(command) {
      const find = () => messages.find((message) => message.type === 'result' && message.id === command.id);
      socket.send(JSON.stringify(command));
      await eventually(`there is a result of ${JSON.stringify(command).slice(0, 100)}`, () => find() !== undefined);
      const result = find();
      if (result?.type !== 'result') throw new Error('no result');
      return result;
    },
  };
}

/** A WebSocket by hand: sends bytes as they are once the upgrade is done. */
export async function openRawLive(
  port: number,
  path = '/v1/live',
): Promise<{ socket: Socket; received: () => Buffer; closeCode: () => number | null }> {
  const socket = connect(port, '127.0.0.1');
  let bytes = Buffer.alloc(0);
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: localhost:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${Buffer.alloc(16).toString('base64')}\r\n\r\n`,
  );
  socket.on('data', (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
  });
  await eventually('the socket is upgraded', () => bytes.includes('\r\n\r\n'));
  if (!bytes.toString('latin1').startsWith('HTTP/1.1 101')) throw new Error(bytes.toString());
  bytes = bytes.subarray(bytes.indexOf('\r\n\r\n') + 4);
  return {
    socket,
    received: () => bytes,
    closeCode: () => closeCodeIn(bytes),
  };
}

/** What waits in a server for the readers of its sockets. */
export async function bytesForReaders(url: string): Promise<number> {
  const { body } = await call(`${url}/metrics`);
  return Number(/^coatcheck_live_buffered_bytes (\S+)/m.exec(body)?.[1] ?? 0);
}

/** The code of a close frame among the whole frames of a server. */
function closeCodeIn(bytes: Buffer): number | null {
  for (let at = 0; at + 4 <= bytes.length; ) {
    const length = bytes[at + 1] ?? 0;
    if (bytes[at] === 0x88) return bytes.readUInt16BE(at + 2);
    if (length === 127 && at + 10 > bytes.length) return null;
    if (length < 126) at += 2 + length;
    else at += length === 126 ? 4 + bytes.readUInt16BE(at + 2) : 10 + Number(bytes.readBigUInt64BE(at + 2));
  }
  return null;
}

/** Asks for a WebSocket by hand and gives all that comes back up to the answer; a header that is null is left out. */
export function askForUpgrade(port: number, headers: Record<string, string | null>, path = '/v1/live'): Promise<string> {
  const all: Record<string, string | null> = {
    Host: `127.0.0.1:${port}`,
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': Buffer.alloc(16).toString('base64'),
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) => (value === null ? [] : [`${name}: ${value}\r\n`]));
  const isAnswer = (text: string) => /\r\n\r\n.*\}$/s.test(text) || text.startsWith('HTTP/1.1 101');
  return exchange(port, `GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`, isAnswer);
}

/** A frame of a client; `head` is its first byte. */
export function clientFrame(head: number, payload: Buffer | string = '', masked = true): Buffer {
  const bytes = Buffer.from(payload);
  const length =
    bytes.length < 126
      ? Buffer.of(bytes.length)
      : bytes.length < 65_536
        ? Buffer.of(126, bytes.length >> 8, bytes.length & 255)
        : longLength(bytes.length);
  length[0] = (length[0] ?? 0) | (masked ? 0x80 : 0);
  // A mask of zeros leaves the bytes as they are.
  return Buffer.concat([Buffer.of(head), length, masked ? Buffer.alloc(4) : Buffer.alloc(0), bytes]);
}

function longLength(bytes: number): Buffer {
  const length = Buffer.alloc(9);
  length[0] = 127;
  length.writeBigUInt64BE(BigInt(bytes), 1);
  return length;
}
