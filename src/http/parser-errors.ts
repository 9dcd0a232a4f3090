import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ErrorCode, ServiceError } from '../core/errors.ts';
import { traceIdOf } from '../core/trace.ts';
import type { Log } from '../ports/log.ts';
import { endSocket } from './end-socket.ts';
import { afterAnswers } from './live/hand-back.ts';
import { rawProblem } from './problem.ts';

/** Node keeps the response that is under way on the socket. */
type AnsweringSocket = Duplex & { readonly _httpMessage?: { readonly headersSent: boolean } | null };

const parserErrors: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  HPE_HEADER_OVERFLOW: ['request-header-fields-too-large', 'The headers and the address may have 16 kB.'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: ['payload-too-large', 'The extensions of a chunk are too long.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['request-timeout', 'The request did not arrive in time.'],
};

/** Answers what never became a request: bytes that are no HTTP, headers that do not end, CONNECT. */
export function answerParserErrors(server: Server, log: Log): void {
  // Fastify puts a listener of its own there, which answers in a form of its own.
  server.removeAllListeners('clientError');
  const ended = new WeakSet<Duplex>();
  server.on('clientError', (error: Error & { code?: string }, socket: AnsweringSocket) => {
    const [code, detail] = parserErrors[error.code ?? ''] ?? ['bad-request', 'The bytes are no valid HTTP request.'];
    // More of the same comes while the socket ends.
    if (ended.has(socket)) return;
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    ended.add(socket);
    // The request has had its answer: what is wrong is what came behind its headers.
    if (socket._httpMessage?.headersSent === true) {
      endSocket(socket);
      return;
    }
    const traceId = traceIdOf(undefined);
    log.info({ traceId, reason: error.code, status: new ServiceError(code, detail).kind.status }, 'request.unreadable');
    endSocket(socket, rawProblem(new ServiceError(code, detail), traceId));
  });
  server.on('connect', (_request, socket: Duplex) => {
    const error = new ServiceError('method-not-allowed', 'CONNECT is not taken here.');
    const traceId = traceIdOf(undefined);
    log.info({ traceId, reason: 'CONNECT', status: error.kind.status }, 'request.unreadable');
    const words = rawProblem(error, traceId, { allow: 'GET, HEAD, POST, DELETE, OPTIONS' });
    afterAnswers(socket, () => endSocket(socket, words));
  });
  // It is refused where requests are received.
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
}
