import type { EventSourceMessage } from 'eventsource-parser';
import type { JobView } from '../contracts/job.ts';
import type { JobEventView, JobProgressEvent } from '../contracts/job-events.ts';
import { hasEnded } from '../core/job.ts';
import { ConnectionError } from './connection-error.ts';
import { eventMessages, openEvents, silenceMs } from './event-stream.ts';
import { backoffMs, type Connection, pause, readJson, send, urlOf } from './send.ts';

/** A line of the history, or how far the job is now. */
export type WatchEvent = JobEventView | JobProgressEvent;

export interface WatchOptions {
  /** Begin behind this event instead of at the beginning of the history. */
  readonly after?: string;
  readonly signal?: AbortSignal | undefined;
}

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
    const stream = await openEvents(connection, `${path}/events`, after, signal);
    if (stream === null) return;
    let heard = false;
    for await (const message of eventMessages(stream, () => (ended ? quietMs : silenceMs), signal)) {
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

function eventOf(message: EventSourceMessage): WatchEvent | null {
  // A kind of event that a later server may have added is no event for this client.
  if (message.event === undefined || !message.event.startsWith('job.')) return null;
  // The server writes events from the schemas of these types.
  return JSON.parse(message.data) as WatchEvent;
}
