import type { LiveMessage, SubscribeCommand } from '../contracts/live.ts';
import { liveProtocol } from '../core/live.ts';
import { ProblemError } from './problem-error.ts';
import type { Connection } from './send.ts';

/** What one live connection brings. */
export type LiveStep =
  | { readonly kind: 'message'; readonly message: Exclude<LiveMessage, { type: 'result' }> }
  /** Subscribed; `since` is good for going on before any event has come. */
  | { readonly kind: 'subscribed'; readonly since: string }
  /** What lay behind `since` has been told. */
  | { readonly kind: 'caught-up' };

/** No WebSocket came about: nothing is known about the topics. */
export class SocketFailure extends Error {}

const openMs = 10_000;
const pingMs = 20_000;
/** An answer to a ping is due long before. */
const silenceMs = 45_000;
/** Messages that may wait for the reader; beyond, the connection is given up, and resumed when they are read. */
const waitingMax = 10_000;

/** What is used of the WebSocket of browsers, Node and `ws`. */
type Socket = Pick<WebSocket, 'send' | 'close' | 'readyState' | 'addEventListener'>;

/**
 * Subscribes over a WebSocket of its own and gives what comes, until the connection is lost; then it returns. Throws
 * `SocketFailure` where none opens, `ProblemError` where the subscription is refused, or the reason of the signal.
 */
export async function* liveSteps(
  connection: Connection,
  wanted: Pick<SubscribeCommand, 'topics' | 'since' | 'tap'>,
  signal: AbortSignal | undefined,
): AsyncGenerator<LiveStep, void, undefined> {
  signal?.throwIfAborted();
  const socket = await openSocket(`${connection.baseUrl.replace(/^http/, 'ws')}/v1/live`);
  const waiting: LiveMessage[] = [];
  let over: 'open' | 'failed' | 'lost' = 'failed';
  let ended = false;
  let wake = () => {};
  let heardAt = Date.now();
  const end = () => {
    ended = true;
    wake();
  };
  const opening = setTimeout(end, openMs);
  const pinging = setInterval(() => {
    if (Date.now() - heardAt > silenceMs) end();
    else if (over === 'open') socket.send(JSON.stringify({ id: 2, type: 'ping' }));
  }, pingMs);
  socket.addEventListener('open', () => {
    clearTimeout(opening);
    over = 'open';
    socket.send(JSON.stringify({ id: 0, type: 'subscribe', ...wanted }));
    // Commands are carried out in order: the answer tells that the subscription has caught up.
    socket.send(JSON.stringify({ id: 1, type: 'ping' }));
  });
  socket.addEventListener('message', ({ data }: MessageEvent) => {
    heardAt = Date.now();
    // The server writes messages from the schemas of this type.
    waiting.push(JSON.parse(String(data)) as LiveMessage);
    if (waiting.length >= waitingMax) end();
    wake();
  });
  socket.addEventListener('close', end);
  socket.addEventListener('error', end);
  signal?.addEventListener('abort', end, { once: true });
  try {
    for (;;) {
      for (let message = waiting.shift(); message !== undefined; message = waiting.shift()) {
        signal?.throwIfAborted();
        const step = stepOf(message);
        if (step !== null) yield step;
      }
      signal?.throwIfAborted();
      if (ended) break;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    if (over === 'failed') throw new SocketFailure('no WebSocket opens');
  } finally {
    clearTimeout(opening);
    clearInterval(pinging);
    signal?.removeEventListener('abort', end);
    socket.close();
  }
}

function stepOf(message: LiveMessage): LiveStep | null {
  if (message.type !== 'result') return { kind: 'message', message };
  if (message.error !== undefined) throw new ProblemError(message.error);
  if (message.id === 0) return { kind: 'subscribed', since: message.since ?? '' };
  return message.id === 1 ? { kind: 'caught-up' } : null;
}

/** Browsers and Node from 22 on have one; for Node 20 it is that of `ws`, which no browser ever loads. */
async function openSocket(url: string): Promise<Socket> {
  try {
    if (typeof globalThis.WebSocket === 'function') return new globalThis.WebSocket(url, liveProtocol);
    const { WebSocket: NodeSocket } = await import('ws');
    // Of the same shape as far as it is used here.
    return new NodeSocket(url, liveProtocol) as unknown as Socket;
  } catch (cause) {
    throw new SocketFailure('there is no WebSocket here', { cause });
  }
}
