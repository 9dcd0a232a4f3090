import type { IncomingMessage } from 'node:http';

/** The address of a client as Fastify tells it, for requests that never come to it. */
export function clientAddress({ headers, socket }: IncomingMessage, trustProxy: boolean): string {
  const forwarded = trustProxy ? [headers['x-forwarded-for'] ?? []].flat().join(',').split(',').at(-1)?.trim() : undefined;
  return forwarded || (socket.remoteAddress ?? '');
}
