import { STATUS_CODES } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Problem } from '../contracts/problem.ts';
import { type ErrorCode, problemType, ServiceError } from '../core/errors.ts';
import { redactText } from '../core/redact.ts';
import { negotiate } from './accept.ts';
import { escapeHtml, htmlPage, pagePolicy } from './html.ts';
import { RangeError416 } from './range.ts';
import { pathOf } from './request-context.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Of a route that does not tell its errors as problems. */
    errorAnswer?: (error: ServiceError, request: FastifyRequest) => ProblemAnswer;
  }
}

export const problemMediaType = 'application/problem+json';
const instanceCharsMax = 500;

/** Fastify's own errors, by code, in our words. What is not here and says 4xx is a `bad-request`. */
const fastifyErrors: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  FST_ERR_BAD_URL: ['bad-request', 'The path cannot be decoded.'],
  FST_ERR_MAX_PARAM_LENGTH: ['not-found', 'There is nothing here.'],
  FST_ERR_CTP_BODY_TOO_LARGE: ['payload-too-large', 'The body is larger than the limit.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['unsupported-media-type', 'The Content-Type is not taken here.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['bad-request', 'The body is not as long as Content-Length says.'],
};

/** Any error as one that may be told. What nobody foresaw is an `internal-error`: its cause stays in the log. */
export function publicError(error: unknown): ServiceError {
  if (error instanceof ServiceError) return error;
  const known = error instanceof Error && 'code' in error ? fastifyErrors[String(error.code)] : undefined;
  if (known !== undefined) return new ServiceError(known[0], known[1], { cause: error });
  if (isClientError(error)) return new ServiceError('bad-request', 'The request cannot be understood.', { cause: error });
  return new ServiceError('internal-error', 'Something broke on our side. It is in the log under the trace id.', {
    cause: error,
  });
}

function isClientError(error: unknown): boolean {
  if (!(error instanceof Error) || !('statusCode' in error) || !('code' in error)) return false;
  const status = Number(error.statusCode);
  return String(error.code).startsWith('FST_') && status >= 400 && status < 500;
}

export function problemOf(error: ServiceError, instance: string, traceId: string): Problem {
  const { status, title } = error.kind;
  return {
    type: problemType(error.code),
    title,
    status,
    detail: redactText(error.message),
    instance: redactText(instance).slice(0, instanceCharsMax),
    traceId,
    ...(error.fields.length === 0
      ? {}
      : { errors: error.fields.map(({ pointer, detail }) => ({ pointer: redactText(pointer), detail: redactText(detail) })) }),
  };
}

/** An error as the bytes of an answer: JSON, or a page for a browser that prefers one. */
export interface ProblemAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export function problemAnswer(error: ServiceError, request: FastifyRequest): ProblemAnswer {
  const problem = problemOf(error, pathOf(request), request.traceId);
  const wanted = negotiate(request.headers.accept, [problemMediaType, 'application/json', 'text/html']);
  const page = wanted === 'text/html';
  return {
    status: problem.status,
    headers: {
      'content-type': page ? 'text/html; charset=utf-8' : problemMediaType,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-trace-id': request.traceId,
      ...(page ? { 'content-security-policy': pagePolicy } : {}),
      ...(error.retryAfterSeconds === undefined ? {} : { 'retry-after': String(error.retryAfterSeconds) }),
      ...(error.code === 'service-unavailable' && error.retryAfterSeconds === undefined ? { 'retry-after': '5' } : {}),
      ...(error.code === 'insufficient-storage' && error.retryAfterSeconds === undefined ? { 'retry-after': '30' } : {}),
      ...(error.code === 'upgrade-required' ? { upgrade: 'websocket', connection: 'upgrade' } : {}),
      ...(error.code === 'shutting-down' ? { 'retry-after': '5', connection: 'close' } : {}),
      ...(error instanceof RangeError416 ? { 'content-range': `bytes */${error.bytes}` } : {}),
    },
    body: page ? problemHtml(problem) : JSON.stringify(problem),
  };
}

function problemHtml({ title, status, detail, type, traceId, errors = [] }: Problem): string {
  const fields = errors
    .map(({ pointer, detail: wrong }) => `<li><code>${escapeHtml(pointer)}</code> ${escapeHtml(wrong)}</li>`)
    .join('');
  return htmlPage(
    title,
    `<p>${escapeHtml(detail)}</p>${fields === '' ? '' : `<ul>${fields}</ul>`}
<p><a href="${escapeHtml(type)}">What this means, and what to do</a></p>
<p><small>Status ${status}, trace <code>${escapeHtml(traceId)}</code></small></p>`,
  );
}

export function sendProblem(reply: FastifyReply, answer: ProblemAnswer): FastifyReply {
  // As bytes: to text Fastify adds a charset, which this media type does not have.
  const body = answer.body === '' ? undefined : Buffer.from(answer.body);
  return reply.code(answer.status).headers(answer.headers).send(body);
}

/** A problem as a whole response, for sockets on which no request could be read, or which are no longer Fastify's. */
export function rawProblem(
  error: ServiceError,
  traceId: string,
  headers: Readonly<Record<string, string>> = {},
  instance = '/',
): string {
  const problem = problemOf(error, instance, traceId);
  const body = JSON.stringify(problem);
  const all = {
    'content-type': problemMediaType,
    'content-length': String(Buffer.byteLength(body)),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-trace-id': traceId,
    connection: 'close',
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? 'Error'}\r\n${lines.join('')}\r\n${body}`;
}
