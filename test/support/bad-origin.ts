import type { Socket } from 'node:net';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { onePixelPng } from './pictures.ts';

/** How a server may answer, by the first word of the path that is asked for. */
export interface BadOrigin {
  readonly speak: (socket: Socket) => void;
  /** When a path was asked for. */
  requests(path: string): readonly number[];
}

/** What a bomb is when it is unpacked: a picture, and then more than anyone wants. */
const unpacked = Buffer.concat([onePixelPng, Buffer.alloc(64 * 1024 ** 2)]);
const ok = 'HTTP/1.1 200 OK\r\n';

function bomb(coding: string, bytes: Buffer) {
  return (socket: Socket) => void socket.end(Buffer.concat([Buffer.from(`${ok}Content-Encoding: ${coding}\r\n\r\n`), bytes]));
}

/** Says something again and again until nobody listens any more. */
function every(ms: number, text: string) {
  return (socket: Socket) => {
    const timer = setInterval(() => socket.write(text), ms);
    socket.on('close', () => clearInterval(timer));
  };
}

function endlessly(socket: Socket, piece: Buffer): void {
  const more = () => {
    while (!socket.destroyed && socket.write(piece));
  };
  socket.on('drain', more);
  more();
}

type Manner = (socket: Socket, rest: string, timesAsked: number) => void;

const manners: Readonly<Record<string, Manner>> = {
  picture,
  page: (socket) => void socket.end(`${ok}Content-Type: text/html; charset=utf-8\r\n\r\n<!doctype html><title>Sign in</title>`),
  silence: () => undefined,
  drip(socket) {
    socket.write(`${ok}Content-Length: 1000000\r\n\r\n`);
    every(1_000, 'x')(socket);
  },
  'slow-headers'(socket) {
    socket.write(ok);
    every(500, 'X-More: and more\r\n')(socket);
  },
  'endless-headers'(socket) {
    socket.write(ok);
    endlessly(socket, Buffer.from('X-More: and more\r\n'.repeat(100)));
  },
  endless(socket) {
    socket.write(`${ok}\r\n`);
    endlessly(socket, onePixelPng);
  },
  'says-more': (socket) => void socket.end(`${ok}Content-Length: 1000\r\n\r\nshort`),
  'says-less': (socket) => void socket.end(Buffer.concat([Buffer.from(`${ok}Content-Length: 10\r\n\r\n`), onePixelPng])),
  'says-too-much': (socket) => void socket.write(`${ok}Content-Length: 99999999999\r\n\r\n`),
  gzip: bomb('gzip', gzipSync(unpacked)),
  brotli: bomb('br', brotliCompressSync(unpacked, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })),
  // Where Node can read zstd this is broken, elsewhere it is not known.
  zstd: bomb('zstd', onePixelPng),
  'gzip-in-gzip': bomb('gzip, gzip', gzipSync(gzipSync(unpacked))),
  'reset-at-once': (socket) => void socket.resetAndDestroy(),
  reset(socket) {
    socket.write(`${ok}Content-Length: 1000\r\n\r\nshort`, () => socket.resetAndDestroy());
  },
  /** With a header, where one is given: `/status/429/Retry-After:%201`. */
  status(socket, rest) {
    const [status = '', header = 'X-Header: none'] = rest.split('/');
    sayStatus(socket, status, decodeURIComponent(header));
  },
  /** Asks to come again, the first time. */
  again: (socket, _rest, timesAsked) => (timesAsked > 0 ? picture(socket) : sayStatus(socket, '503', 'Retry-After: 0')),
  to: (socket, rest) => redirect(socket, decodeURIComponent(rest)),
  loop: (socket) => redirect(socket, '/loop'),
  hops(socket, rest) {
    if (rest === '0') picture(socket);
    else redirect(socket, `/hops/${Number(rest) - 1}`);
  },
};

function picture(socket: Socket): void {
  socket.end(Buffer.concat([Buffer.from(`${ok}Content-Type: image/png\r\n\r\n`), onePixelPng]));
}

function redirect(socket: Socket, location: string): void {
  sayStatus(socket, '302', `Location: ${location}`);
}

function sayStatus(socket: Socket, status: string, header: string): void {
  socket.end(`HTTP/1.1 ${status} So\r\n${header}\r\nContent-Length: 0\r\n\r\n`);
}

/** A server that behaves as badly as the path says. */
export function createBadOrigin(): BadOrigin {
  const requests = new Map<string, number[]>();
  return {
    speak(socket) {
      socket.once('data', (head: Buffer) => {
        const path = /^GET (\S+) /.exec(head.toString('latin1'))?.[1] ?? '/status/400';
        const before = requests.get(path) ?? [];
        requests.set(path, [...before, Date.now()]);
        const [, manner = '', rest = ''] = /^\/([^/?]*)\/?(.*)$/.exec(path) ?? [];
        manners[manner]?.(socket, rest, before.length);
      });
    },
    requests: (path) => requests.get(path) ?? [],
  };
}
