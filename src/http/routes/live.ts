import type { FastifyInstance } from 'fastify';
import { ServiceError } from '../../core/errors.ts';
import { livePath } from '../live/accept-sockets.ts';
import { asyncApi } from '../live/async-api.ts';
import { bare, json } from '../openapi-schemas.ts';

/** `/v1/live` for who does not ask for a WebSocket, and `/asyncapi.json`, which describes what is spoken on one. */
export function liveRoutes(version: string): (app: FastifyInstance) => void {
  return (app) => {
    const document = JSON.stringify(asyncApi(version));
    const schema = {
      operationId: 'asyncApi',
      summary: 'What is spoken at `/v1/live`, as AsyncAPI',
      tags: ['operations'],
      response: { 200: json('The document.', { type: 'object', required: ['asyncapi'] }) },
    };
    app.get('/asyncapi.json', { schema }, async (_request, reply) =>
      reply.header('content-type', 'application/json; charset=utf-8').send(document),
    );
    app.get(
      livePath,
      {
        config: { produces: [], problems: ['upgrade-required', 'origin-not-allowed', 'too-many-sockets'] },
        schema: {
          operationId: 'live',
          summary: 'What happens, live, over a WebSocket',
          description: 'A WebSocket of the subprotocol `coatcheck.v1`; `/asyncapi.json` describes its messages.',
          tags: ['jobs'],
          response: { 101: bare('The WebSocket is open.') },
        },
      },
      async () => {
        throw new ServiceError('upgrade-required', 'This is a WebSocket: ask for an upgrade to it.');
      },
    );
  };
}
