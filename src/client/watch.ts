import { createParser, type EventSourceMessage } from 'eventsource-parser';
import type { JobView } from '../contracts/job.ts';
import type { JobEventView, JobProgressEvent } from '../contracts/job-events.ts';
import { hasEnded } from '../core/job.ts';
import { limits } from '../core/limits.ts';
import { ConnectionError } from './connection-error.ts';
import { backoffMs, type Connection, pause, readJson, send, urlOf } from './send.ts';

/** A line of the history, or how far the job is now. */
export type WatchEvent = JobEventView | JobProgressEvent;

export interface WatchOptions {
  /** Begin behind this event instead of at the beginning of the history. */
  readonly after?: string;
  readonly signal?: AbortSignal | undefined;
}

/** The server sends something at least each heartbeat; a connection that is silent for three is dead. */
const silenceMs = 3 * limits.sseHeartbeatMs;
/** So long after an event that ends a job more of the history may follow: the job was perhaps started again. */
const quietMs = 500;

/**
 * The history of a job, then what happens to it, until it has ended. A lost connection is taken up again behind the last event,
 * so that none is missed or repeated. Throws `ProblemError`, `ConnectionError`, or the reason of the signal.
 */
export async function* watch(
  connection: Connection,
  id: string,
  options: WatchOptions = {},
): AsyncGenerator<WatchEvent, void, undefined> {
  const path = `/v1/jobs/${encodeURIComponent(id)}`;
  const { signal } = options;
  let after = options.after;
  let ended = false;
  for (let failures = 0; ; ) {
    const stream = await open(connection, `${path}/events`, after, signal);
    if (stream === null) return;
    let heard = false;
    for await (const message of messages(stream, () => (ended ? quietMs : silenceMs), signal)) {
      heard = true;
      if (message === 'comment') continue;
      const event = eventOf(message);
      if (event === null) continue;
      ended = event.type === 'job.succeeded' || event.type === 'job.failed' || event.type === 'job.canceled';
      after = message.id ?? after;
      yield event;
    }
    if (ended && hasEnded((await send<JobView>(connection, { method: 'GET', path, repeatable: true, signal }, readJson)).state))
      return;
    failures = heard ? 0 : failures + 1;
    if (failures >= connection.retry.attemptsMax) {
      throw new ConnectionError(urlOf(connection, `${path}/events`), failures, new Error('the stream ends without an event'));
    }
    await pause(backoffMs(connection.retry, Math.max(1, failures)), signal);
  }
}

/** The bytes of a new connection; null where the job has ended and nothing more is to tell. */
async function open(connection: Connection, path: string, after: string | undefined, signal: AbortSignal | undefined) {
  const headers = { accept: 'text/event-stream', ...(after === undefined ? {} : { 'last-event-id': after }) };
  return send(connection, { method: 'GET', path, headers, repeatable: true, signal }, async (response) => {
    if (response.status === 204) return null;
    const type = response.headers.get('content-type') ?? 'nothing';
    if (response.body === null || !type.startsWith('text/event-stream'))
      throw new Error(`the answer is ${type}, not an event stream`);
    return response.body;
  });
}

/** The messages of one connection until it ends, is lost, or is silent for too long. */
async function* messages(
  stream: ReadableStream<Uint8Array>,
  patienceMs: () => number,
  signal: AbortSignal | undefined,
): AsyncGenerator<EventSourceMessage | 'comment', void, undefined> {
  const found: (EventSourceMessage | 'comment')[] = [];
  const parser = createParser({ onEvent: (message) => found.push(message), onComment: () => found.push('comment') });
  const decoder = new TextDecoder();
  const reader = stream.getReader();
  try {
    for (;;) {
      const chunk = await readWithin(reader, patienceMs());
      signal?.throwIfAborted();
      if (chunk === null) return;
      parser.feed(decoder.decode(chunk, { stream: true }));
      yield* found.splice(0);
    }
  } finally {
    // What was lost or left is not needed any more; how its end ends does not matter.
    reader.cancel().catch(() => undefined);
  }
}

/** The next bytes; null where the stream has ended, was cut, or gave nothing for so long: to all of them the answer is a new connection. */
async function readWithin(reader: ReadableStreamDefaultReader<Uint8Array>, ms: number): Promise<Uint8Array | null> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, ms, null);
  });
  const next = reader.read().then(
    ({ value }) => value ?? null,
    () => null,
  );
  const chunk = await Promise.race([next, silence]);
  clearTimeout(timer);
  return chunk;
}

function eventOf(message: EventSourceMessage): WatchEvent | null {
  // A kind of event that a later server may have added is no event for this client.
  if (message.event === undefined || !message.event.startsWith('job.')) return null;
  // The server writes events from the schemas of these types.
  return JSON.parse(message.data) as WatchEvent;
}
