import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ServiceError } from '../core/errors.ts';
import type { Measures } from '../ports/metrics.ts';
import type { createFailureLog } from './failure-log.ts';
import { ClientGone } from './intake/request-body.ts';
import type { KnownPaths } from './known-paths.ts';
import { answerUnread, bodyIsUnread } from './lingering-answer.ts';
import { problemAnswer, publicError, sendProblem } from './problem.ts';
import { pathOf } from './request-context.ts';

/** Makes a problem (RFC 9457) of every error of every route, and of requests that no route takes. */
export function answerProblems(
  app: FastifyInstance,
  { logFailure, measures, paths }: { logFailure: ReturnType<typeof createFailureLog>; measures: Measures; paths: KnownPaths },
): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    if (error instanceof ClientGone || reply.raw.destroyed) {
      reply.hijack();
      reply.raw.destroy();
      return;
    }
    answer(error, request, reply);
  });

  app.setNotFoundHandler((request, reply) => {
    const methods = paths.methodsOf(pathOf(request));
    if (methods.length === 0) throw new ServiceError('not-found', 'There is nothing at this path.');
    // No Access-Control headers: pages of other origins get nothing from here.
    if (request.method === 'OPTIONS') return reply.header('allow', methods.join(', ')).code(204).send();
    throw methodNotAllowed(reply, methods);
  });

  function answer(error: Error, request: FastifyRequest, reply: FastifyReply): void {
    const told = publicError(misrouted(error, request, reply) ?? error);
    measures.problemTold(told.code);
    logFailure(told, request.traceId);
    const problem = (request.routeOptions.config.errorAnswer ?? problemAnswer)(told, request);
    if (bodyIsUnread(request)) answerUnread(request, reply, problem);
    else sendProblem(reply, problem);
  }

  /**
   * The router takes `/v1/jobs/actions` for a `/v1/jobs/{id}` where the method fits that alone, and Fastify wants a body of a
   * QUERY before it looks whether there is such a route.
   */
  function misrouted(error: Error, request: FastifyRequest, reply: FastifyReply): ServiceError | null {
    if (error instanceof ServiceError && error.code !== 'not-found') return null;
    if (publicError(error).kind.status >= 500) return null;
    const methods = paths.methodsOf(pathOf(request));
    return methods.length === 0 || methods.includes(request.method) ? null : methodNotAllowed(reply, methods);
  }
}

function methodNotAllowed(reply: FastifyReply, methods: readonly string[]): ServiceError {
  reply.header('allow', methods.join(', '));
  return new ServiceError('method-not-allowed', `This path takes ${methods.join(', ')}.`);
}
