import type { FastifyReply, FastifyRequest } from 'fastify';
import { limits } from '../core/limits.ts';
import type { ProblemAnswer } from './problem.ts';

/** What is still to come of a refused body is read and dropped if it is no more than this. */
const drainBytesMax = 1024 * 1024;

/** Whether the body of a request may still be under way when it is refused. */
export function bodyIsUnread({ raw }: FastifyRequest): boolean {
  return !raw.complete && (raw.headers['transfer-encoding'] !== undefined || Number(raw.headers['content-length'] ?? 0) > 0);
}

/**
 * Answers a request whose body has not been read to its end. Closing at once would make the client's system throw the answer
 * away with an error of its own, reading all of it could mean gigabytes: so the answer is written, the client is listened to
 * for a moment longer, and then the connection ends.
 */
export function answerUnread(request: FastifyRequest, reply: FastifyReply, answer: ProblemAnswer): void {
  reply.hijack();
  const { raw } = reply;
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) raw.setHeader(name, value);
  }
  raw.writeHead(answer.status, {
    ...answer.headers,
    'content-length': String(Buffer.byteLength(answer.body)),
    connection: 'close',
  });
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
