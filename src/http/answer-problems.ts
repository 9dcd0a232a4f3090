import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ServiceError } from '../core/errors.ts';
import type { Log } from '../ports/log.ts';
import type { Measures } from '../ports/metrics.ts';
import { ClientGone } from './intake/request-body.ts';
import type { KnownPaths } from './known-paths.ts';
import { answerUnread, bodyIsUnread } from './lingering-answer.ts';
import { problemAnswer, publicError, sendProblem } from './problem.ts';
import { pathOf } from './request-context.ts';

/** Makes a problem (RFC 9457) of every error of every route, and of requests that no route takes. */
export function answerProblems(
  app: FastifyInstance,
  { log, measures, paths }: { log: Log; measures: Measures; paths: KnownPaths },
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
    reply.header('allow', methods.join(', '));
    // No Access-Control headers: pages of other origins get nothing from here.
    if (request.method === 'OPTIONS') return reply.code(204).send();
    throw new ServiceError('method-not-allowed', `This path takes ${methods.join(', ')}.`);
  });

  function answer(error: Error, request: FastifyRequest, reply: FastifyReply): void {
    const told = publicError(error);
    measures.problemTold(told.code);
    if (told.kind.status >= 500 && told.code !== 'shutting-down') {
      log.error({ traceId: request.traceId, problem: told.code, err: told.cause ?? told }, 'request.failed');
    }
    const problem = problemAnswer(told, request);
    if (bodyIsUnread(request)) answerUnread(request, reply, problem);
    else sendProblem(reply, problem);
  }
}
