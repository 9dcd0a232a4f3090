import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ServiceError } from '../core/errors.ts';
import { type Span, spanBelow } from '../core/trace.ts';
import type { Log } from '../ports/log.ts';
import type { Measures } from '../ports/metrics.ts';
import { negotiate } from './accept.ts';
import type { ClientRates } from './client-rates.ts';
import { createFewAtATime } from './few-at-a-time.ts';
import { createGuard } from './guard.ts';
import type { HttpSettings } from './http-settings.ts';
import { dropRest } from './lingering-answer.ts';
import { wasLeft } from './live/hand-back.ts';
import type { OpenRequests } from './open-requests.ts';
import { callerOf, pathOf } from './request-context.ts';
import { whenItsTurn } from './when-its-turn.ts';

export interface ReceiveParts {
  readonly settings: HttpSettings;
  /** Null where clients have no limit. */
  readonly rates: ClientRates | null;
  readonly log: Log;
  readonly measures: Measures;
  readonly openRequests: OpenRequests;
  readonly draining: () => boolean;
}

const jsonOnly = ['application/json', 'application/problem+json'];

/** What is done with every request before its route: it is counted, traced, logged when it ends, and refused where it must be. */
export function receiveRequests(
  app: FastifyInstance,
  { settings, rates, log, measures, openRequests, draining }: ReceiveParts,
): void {
  const guard = settings.openMode ? createGuard(settings) : null;
  const fewAtATime = createFewAtATime();
  app.decorateRequest('traceId', '');
  app.decorateRequest('span', null);

  app.addHook('onRequest', (request, reply, done) => {
    whenItsTurn(request.raw, reply.raw, () => fewAtATime(() => receive(request, reply, done)));
  });

  function receive(request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void): void {
    const startedAt = performance.now();
    const { raw } = reply;
    const span = spanBelow(request.headers.traceparent as string | undefined);
    const { traceId } = span;
    request.traceId = traceId;
    request.span = span;
    // Once the connection is gone nobody knows any more whose it was.
    const client = request.ip;
    openRequests.add(raw);
    raw.once('finish', () => dropRest(request.raw));
    raw.once('close', () => {
      openRequests.remove(raw);
      const status = raw.headersSent ? raw.statusCode : null;
      const ms = performance.now() - startedAt;
      measures.requestEnded(request.routeOptions.url ?? null, request.method, status, ms / 1000);
      logRequest(log, request, status, ms, client);
    });
    reply.header('x-trace-id', traceId);
    reply.header('x-content-type-options', 'nosniff');
    reply.header('cache-control', 'no-store');
    if (wasLeft(request.raw)) reply.header('connection', 'close');
    try {
      refuse(request, reply);
      done();
    } catch (error) {
      done(error instanceof Error ? error : new Error('a request was refused without an error', { cause: error }));
    }
  }

  function refuse(request: FastifyRequest, reply: FastifyReply): void {
    const { config } = request.routeOptions;
    if (draining() && config.whileDraining !== true) throw new ServiceError('shutting-down', 'The server is stopping.');
    // Probes are never turned away: a busy server is not a dead one.
    if (rates !== null && config.whileDraining !== true) {
      const { fields, refusal } = rates.take(request.ip);
      reply.headers({ ...fields });
      if (refusal !== null) throw refusal;
    }
    refuseOtherThanOneHost(request.raw);
    guard?.check(request.method, request.headers);
    refuseExpectation(request.raw);
    const { accept } = request.headers;
    const produces = config.produces ?? jsonOnly;
    if (produces.length > 0 && !request.is404 && negotiate(accept, produces) === null) {
      throw new ServiceError('not-acceptable', `This path answers with ${produces.join(' or ')}.`);
    }
  }
}

/** Node takes the first of two Host headers, others the last: nobody may pass a guard by that. */
export function refuseOtherThanOneHost({ rawHeaders, httpVersionMinor }: IncomingMessage): void {
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  if (hosts > 1) throw new ServiceError('bad-request', 'The request has more than one Host header.');
  if (hosts === 0 && httpVersionMinor > 0) throw new ServiceError('bad-request', 'The request has no Host header.');
}

function refuseExpectation({ headers: { expect }, httpVersionMinor }: IncomingMessage): void {
  if (expect === undefined || httpVersionMinor === 0 || /^100-continue$/i.test(expect)) return;
  throw new ServiceError('expectation-failed', 'Only 100-continue can be expected.');
}

/** Logs a request that no hook saw, because its path could not be read, when it ends. */
export function logUnroutable(log: Log, request: FastifyRequest, reply: FastifyReply): void {
  const startedAt = performance.now();
  const client = request.ip;
  reply.raw.once('close', () =>
    logRequest(log, request, reply.raw.headersSent ? reply.raw.statusCode : null, performance.now() - startedAt, client),
  );
}

/** One line a request. The status is null where the client went before it was answered. */
function logRequest(log: Log, request: FastifyRequest, status: number | null, ms: number, client: string): void {
  log.info(
    {
      traceId: request.traceId,
      ...spanFields(request.span),
      method: request.method,
      route: request.routeOptions.url ?? null,
      path: pathOf(request),
      status,
      ms: Math.round(ms * 10) / 10,
      caller: callerOf(request),
      client,
    },
    'request',
  );
}

function spanFields(span: Span | null): object {
  if (span === null) return {};
  const { spanId, parentSpanId } = span;
  return parentSpanId === null ? { spanId } : { spanId, parentSpanId };
}
