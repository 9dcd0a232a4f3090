import type { FastifyRequest } from 'fastify';
import type { ErrorCode } from '../core/errors.ts';
import type { Span } from '../core/trace.ts';

/** Everybody who calls without authentication is this caller. */
export const anonymous = 'anonymous';

declare module 'fastify' {
  interface FastifyRequest {
    /** W3C trace id: that of the caller's `traceparent`, or a new one. */
    traceId: string;
    /** Where the request stands in its trace; null where its path could not be read. */
    span: Span | null;
  }
  interface FastifyContextConfig {
    /** Media types that the route answers with; JSON unless said. Empty: whatever lies there, no negotiation. */
    produces?: readonly string[];
    /** What can go wrong with the route besides what can with every one of its kind: for the description of the API. */
    problems?: readonly ErrorCode[];
    /** A schema of the query that the route reads and checks itself: for the description of the API. */
    readsQuery?: object;
    /** Whether the body that is described may be left out. */
    bodyOptional?: boolean;
    /** Answered during shutdown, too. */
    whileDraining?: boolean;
  }
}

/** Whose jobs and files a request may see. */
export function callerOf(_request: FastifyRequest): string {
  return anonymous;
}

/** The path as it was asked for, without the query, whose values may be private. */
export function pathOf(request: FastifyRequest): string {
  const url = request.raw.url ?? '/';
  const end = url.indexOf('?');
  return end === -1 ? url : url.slice(0, end);
}
