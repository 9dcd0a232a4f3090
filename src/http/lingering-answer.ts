import type { ServerResponse } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { limits } from '../core/limits.ts';
import type { ProblemAnswer } from './problem.ts';

/** A body of no more than this costs less to drop than a new connection. */
const keepBytesMax = 128 * 1024;
/** What is still to come of a refused body is read and dropped if it is no more than this. */
const drainBytesMax = 1024 * 1024;

/** Whether the body of a request may still be under way when it is refused. */
export function bodyIsUnread({ raw }: FastifyRequest): boolean {
  return !raw.complete && (raw.headers['transfer-encoding'] !== undefined || Number(raw.headers['content-length'] ?? 0) > 0);
}

/**
 * Answers a request whose body has not been read to its end. Of a small one the rest is dropped and the connection goes on, so
 * that turning many away stays cheap, for them too; but not of one that did not come in time. Else closing at once would make the client's system throw the answer
 * away with an error of its own, reading all of it could mean gigabytes: so the answer is written, the client is listened to
 * for a moment longer, and then the connection ends.
 */
export function answerUnread(request: FastifyRequest, reply: FastifyReply, answer: ProblemAnswer): void {
  reply.hijack();
  const { raw } = reply;
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) raw.setHeader(name, value);
  }
  const declared = Number(request.headers['content-length'] ?? Number.NaN);
  const isLate = answer.status === 408;
  const keeps = declared <= keepBytesMax && request.headers.expect === undefined && !isLate;
  raw.writeHead(answer.status, {
    ...answer.headers,
    'content-length': String(Buffer.byteLength(answer.body)),
    ...(keeps ? {} : { connection: 'close' }),
  });
  if (keeps) {
    dropRest(request, raw, answer.body);
    return;
  }
  raw.write(request.method === 'HEAD' ? '' : answer.body);
  let dropped = 0;
  const timer = setTimeout(finish, limits.lingerMs);
  function finish() {
    clearTimeout(timer);
    request.raw.off('data', onData);
    raw.end();
  }
  function onData(chunk: Buffer) {
    dropped += chunk.length;
    if (dropped > drainBytesMax) request.raw.pause();
  }
  request.raw.on('data', onData);
  request.raw.once('end', finish);
  request.raw.once('close', finish);
  request.raw.on('error', () => {});
  request.raw.resume();
}

/** Sends the answer at once; who has not sent the rest of its body a moment later is cut off. */
function dropRest({ raw: request }: FastifyRequest, response: ServerResponse, body: string): void {
  const timer = setTimeout(() => request.destroy(), limits.lingerMs);
  request.once('close', () => clearTimeout(timer));
  request.on('error', () => {});
  request.resume();
  response.end(body);
}
