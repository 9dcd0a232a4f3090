import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { limits } from '../core/limits.ts';
import { type Connection, send } from './send.ts';

/** The server sends something at least each heartbeat; a connection that is silent for three is dead. */
export const silenceMs = 3 * limits.sseHeartbeatMs;

/** The bytes of a new event stream; null where there is nothing more to tell. */
export async function openEvents(
  connection: Connection,
  path: string,
  after: string | undefined,
  signal: AbortSignal | undefined,
) {
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
export async function* eventMessages(
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
