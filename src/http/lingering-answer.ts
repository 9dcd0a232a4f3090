import type { IncomingMessage } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { limits } from '../core/limits.ts';
import { dropBody } from './drop-body.ts';
import { hasBody } from './has-body.ts';
import type { ProblemAnswer } from './problem.ts';

/** Up to so many bytes of a refused body are read and dropped: that costs both sides less than a new connection. */
const droppedBytesMax = 1024 * 1024;

/** Whether the body of a request may still be under way when it is refused. */
export function bodyIsUnread({ raw }: FastifyRequest): boolean {
  return !raw.complete && hasBody(raw);
}

/**
 * Answers a request whose body has not been read to its end. Of one that is not large the rest is dropped and the connection goes
 * on, so that turning many away stays cheap, for them too; but not of one that did not come in time, nor of one that its client
 * holds back until it is asked for. Else closing at once would make the client's system throw the answer away with an error of
 * its own, reading all of it could mean gigabytes: so the answer is written, the client is listened to for a moment longer, and
 * then the connection ends.
 */
export function answerUnread(request: FastifyRequest, reply: FastifyReply, answer: ProblemAnswer): void {
  reply.hijack();
  const { raw } = reply;
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) raw.setHeader(name, value);
  }
  const declared = Number(request.headers['content-length'] ?? Number.NaN);
  const isLate = answer.status === 408;
  const keeps = declared <= droppedBytesMax && request.headers.expect === undefined && !isLate;
  raw.writeHead(answer.status, {
    ...answer.headers,
    'content-length': String(Buffer.byteLength(answer.body)),
    ...(keeps ? {} : { connection: 'close' }),
  });
  request.raw.on('error', () => {});
  if (keeps) {
    dropBody(request.raw);
    raw.end(answer.body);
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
    if (dropped > droppedBytesMax) request.raw.pause();
  }
  request.raw.on('data', onData);
  request.raw.once('end', finish);
  request.raw.once('close', finish);
  request.raw.resume();
}

/**
 * What is left of a body when the answer is out is dropped as it comes, but not waited for: who sends slowly, or much, is cut off.
 */
export function dropRest(request: IncomingMessage): void {
  if (request.complete) return;
  const { socket } = request;
  const begun = socket.bytesRead;
  let seen = begun;
  const look = () => {
    // It waits for us.
    if (request.isPaused()) return;
    const moved = socket.bytesRead - seen;
    seen += moved;
    const goesOn = moved >= (limits.lingerBytesPerSecondMin * limits.lingerMs) / 1000 && seen - begun <= droppedBytesMax;
    if (!goesOn && !request.complete) socket.destroy();
  };
  // Not at once: what came while we were busy ourselves is read before anybody is blamed.
  const timer = setInterval(() => setImmediate(look), limits.lingerMs);
  request.once('close', () => clearInterval(timer));
}
