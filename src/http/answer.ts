import type { FastifyReply } from 'fastify';
import type { Answer } from '../ports/job-store.ts';

/** A JSON answer as it goes out and, under an idempotency key, as it is kept. */
export function jsonAnswer(status: number, body: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers: { 'content-type': 'application/json; charset=utf-8', ...headers }, body };
}

export function sendAnswer(reply: FastifyReply, { status, headers, body }: Answer): FastifyReply {
  return reply.code(status).headers(headers).send(body);
}
