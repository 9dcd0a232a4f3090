import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { hasBody } from '../has-body.ts';

const notForwarded = new Set(['upgrade', 'http2-settings']);

/**
 * Whether Node is to take a request that asks for another protocol out of HTTP, where it asks first (from 22.21 and 24.9 on). What is
 * left in HTTP loses the bytes behind it that came in the same piece; but the body of what is taken out does not come with its
 * connection any more (from 26 on), so that it could not be given back whole.
 */
export const shouldUpgrade = (request: IncomingMessage): boolean => !hasBody(request);

/** Whether a request was left in HTTP though it asks for another protocol: what came behind it may be lost, so its answer is the last. */
export function wasLeft({ headers: { upgrade, connection = '' } }: IncomingMessage): boolean {
  return upgrade !== undefined && /\bupgrade\b/i.test(connection);
}

/**
 * Gives a connection back to the HTTP server whose request asks for a protocol that is not spoken there (`Upgrade: h2c`, say,
 * which some clients offer with every request), so that the request is answered as if it had not asked (RFC 9110, 7.8). Where
 * anybody listens for upgrades, Node takes such requests out of HTTP.
 */
export function handBack(server: Server, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const lines = [`${request.method} ${request.url} HTTP/${request.httpVersion}`];
  for (let at = 0; at + 1 < request.rawHeaders.length; at += 2) {
    const name = request.rawHeaders[at] ?? '';
    const value = request.rawHeaders[at + 1] ?? '';
    if (notForwarded.has(name.toLowerCase())) continue;
    lines.push(`${name}: ${name.toLowerCase() === 'connection' ? withoutUpgrade(value) : value}`);
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]));
  server.emit('connection', socket);
}

/** Node keeps the response that is under way on the socket. */
type AnsweringSocket = Duplex & { readonly _httpMessage?: ServerResponse | null };

/** Calls `action` when the requests before this one on the same connection have had their answers (pipelining). */
export function afterAnswers(socket: AnsweringSocket, action: () => void): void {
  const underWay = socket._httpMessage;
  if (underWay == null) action();
  else underWay.once('finish', () => afterAnswers(socket, action));
}

function withoutUpgrade(connection: string): string {
  const options = connection.split(',').map((option) => option.trim());
  const kept = options.filter((option) => option !== '' && !notForwarded.has(option.toLowerCase()));
  return kept.length === 0 ? 'keep-alive' : kept.join(', ');
}
