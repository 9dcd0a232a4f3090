import type { FastifyContextConfig, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../../core/clock.ts';
import { ServiceError } from '../../core/errors.ts';
import type { Engine } from '../../engine/engine.ts';
import type { DropIn, DropInAnswer, DropInRequest } from '../drop-in.ts';
import { checkRoom } from '../intake/check-room.ts';
import type { HeldBodies } from '../intake/held-bodies.ts';
import { requestBody } from '../intake/request-body.ts';
import { type ProblemAnswer, problemAnswer } from '../problem.ts';
import { callerOf } from '../request-context.ts';

export interface DropInRouteParts {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly held: HeldBodies;
}

/**
 * The routes of an older service, behind the same guards and limits as all others. They have no operation id and so are not in
 * the description of the API: docs/drop-in.md has them.
 */
export function dropInRoutes(parts: DropInRouteParts, dropIn: DropIn): (app: FastifyInstance) => void {
  const config: FastifyContextConfig = { produces: [], errorAnswer: (error, request) => errorAnswer(dropIn, error, request) };
  return (app) => {
    for (const { method, path, admits, handle } of dropIn.routes) {
      app.route({
        method,
        url: path,
        config,
        handler: async (request, reply) => {
          if (admits !== undefined) {
            await parts.engine.admits(callerOf(request), admits);
            await checkRoom(parts.engine, request);
          }
          return send(reply, await handle(requestOf(parts, request)));
        },
      });
    }
    for (const { path } of dropIn.sockets ?? []) {
      app.get(path, { config }, async () => {
        throw new ServiceError('upgrade-required', 'This is a WebSocket: ask for an upgrade to it.');
      });
    }
  };
}

function requestOf({ clock, held }: DropInRouteParts, request: FastifyRequest): DropInRequest {
  return {
    // What Fastify makes of the path and the query of any route.
    params: request.params as DropInRequest['params'],
    query: request.query as DropInRequest['query'],
    headers: request.headers,
    caller: callerOf(request),
    client: request.ip,
    traceId: request.traceId,
    body: (bytesMax) => requestBody(request.raw, clock, bytesMax),
    held,
  };
}

function send(reply: FastifyReply, { status, headers = {}, body }: DropInAnswer): FastifyReply {
  // As bytes: to text Fastify adds a charset, which the old services did not always have.
  return reply
    .code(status)
    .headers(headers)
    .send(typeof body === 'string' ? Buffer.from(body) : body);
}

/** What every error brings along (when to try again, the trace), with the body of the older service. */
function errorAnswer(dropIn: DropIn, error: ServiceError, request: FastifyRequest): ProblemAnswer {
  const {
    status,
    headers: { 'content-type': _, 'content-security-policy': __, ...headers },
  } = problemAnswer(error, request);
  const own = dropIn.errorAnswer(error, request.headers);
  return { status: own.status ?? status, headers: { ...headers, ...own.headers }, body: own.body };
}
