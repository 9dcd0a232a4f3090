import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ErrorCode, ServiceError } from '../core/errors.ts';
import { traceIdOf } from '../core/trace.ts';
import type { Log } from '../ports/log.ts';
import { rawProblem } from './problem.ts';

/** Node keeps the response that is under way on the socket. */
type AnsweringSocket = Duplex & { readonly _httpMessage?: { readonly headersSent: boolean } | null };

const parserErrors: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  HPE_HEADER_OVERFLOW: ['request-header-fields-too-large', 'The headers and the address may have 16 kB.'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: ['payload-too-large', 'The extensions of a chunk are too long.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['request-timeout', 'The request did not arrive in time.'],
};

/** Answers what never became a request: bytes that are no HTTP, headers that do not end, CONNECT, unknown expectations. */
export function answerParserErrors(server: Server, log: Log): void {
  // Fastify puts a listener of its own there, which answers in a form of its own.
  server.removeAllListeners('clientError');
  server.on('clientError', (error: Error & { code?: string }, socket: AnsweringSocket) => {
    const [code, detail] = parserErrors[error.code ?? ''] ?? ['bad-request', 'The bytes are no valid HTTP request.'];
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    // The request has had its answer: what is wrong is what came behind its headers.
    if (socket._httpMessage?.headersSent === true) {
      socket.end();
      return;
    }
    const traceId = traceIdOf(undefined);
    log.info({ traceId, reason: error.code, status: new ServiceError(code, detail).kind.status }, 'request.unreadable');
    socket.end(rawProblem(new ServiceError(code, detail), traceId));
  });
  server.on('connect', (_request, socket: Duplex) => {
    socket.on('error', () => socket.destroy());
    socket.end(
      rawProblem(new ServiceError('method-not-allowed', 'CONNECT is not taken here.'), traceIdOf(undefined), {
        allow: 'GET, HEAD, POST, DELETE, OPTIONS',
      }),
    );
  });
  server.on('checkExpectation', (request, response) => {
    const error = new ServiceError('expectation-failed', 'Only 100-continue can be expected.');
    const text = rawProblem(error, traceIdOf(undefined));
    response.socket?.end(text);
    request.resume();
  });
}
