import type { BeerCloudEvent, BeersEventList, LiveCloudEvent, ReportCloudEvent, TapsCloudEvent } from '../contracts/live.ts';
import { ConnectionError } from './connection-error.ts';
import { eventMessages, openEvents, silenceMs } from './event-stream.ts';
import { type ConnectionState, liveEvents, type Place, type Resync } from './live-events.ts';
import { isOfTheWay } from './live-failures.ts';
import { backoffMs, type Connection, pause, readJson, send, urlOf } from './send.ts';

/** What the watcher of beers is told. */
export type BeersEvent =
  | BeerCloudEvent
  | ReportCloudEvent
  /** Only where it is asked for. */
  | TapsCloudEvent
  | Resync;

export interface WatchBeersOptions {
  /** Begin behind this event; "0": from the start of what is kept. Missing: from now on. */
  readonly since?: string;
  /** Who watches is this tap: the server counts it among those that are connected. */
  readonly tap?: number;
  /** Hear `taps.changed`, too: live only, and not over event streams. */
  readonly taps?: boolean;
  readonly signal?: AbortSignal | undefined;
  /** Told whenever the way by which events come changes. */
  readonly onConnection?: ((state: ConnectionState) => void) | undefined;
}

const pollMs = 2_000;

/**
 * Every pour and removal, and the reports of the shares, until it is left: over a WebSocket, where none opens over an event stream,
 * where that does not work by polling. Lost connections are taken up behind the last event: none is missed or told twice. Throws `ProblemError`, `ConnectionError`, or
 * the reason of the signal.
 */
export async function* watchBeers(
  connection: Connection,
  options: WatchBeersOptions = {},
): AsyncGenerator<BeersEvent, void, undefined> {
  const place: Place = { since: options.since };
  yield* socketEvents(connection, place, options);
  try {
    yield* streamEvents(connection, place, options);
  } catch (error) {
    if (!isOfTheWay(error)) throw error;
  }
  options.onConnection?.('polling');
  yield* polledEvents(connection, place, options);
}

async function* socketEvents(
  connection: Connection,
  place: Place,
  { tap, taps, ...options }: WatchBeersOptions,
): AsyncGenerator<BeersEvent, void, undefined> {
  const wanted = { topics: ['beers', ...(taps === true ? ['taps'] : [])], ...(tap === undefined ? {} : { tap }) };
  for await (const event of liveEvents(connection, place, () => wanted, options)) {
    const told = event === 'caught-up' ? null : beersEventOf(event);
    if (told !== null) yield told;
  }
}

async function* streamEvents(
  connection: Connection,
  place: Place,
  { signal, onConnection }: WatchBeersOptions,
): AsyncGenerator<BeersEvent, void, undefined> {
  const path = '/v1/beers/events';
  for (let failures = 0; ; ) {
    const stream = await openEvents(connection, path, place.since, signal);
    if (stream === null) return;
    onConnection?.('live');
    let heard = false;
    for await (const message of eventMessages(stream, () => silenceMs, signal)) {
      heard = true;
      if (message === 'comment') continue;
      place.since = message.id ?? place.since;
      // The server writes events from the schemas of this type.
      const event =
        message.event === 'resync' ? ({ type: 'resync' } as const) : beersEventOf(JSON.parse(message.data) as LiveCloudEvent);
      if (event !== null) yield event;
    }
    onConnection?.('lost');
    failures = heard ? 0 : failures + 1;
    if (failures >= connection.retry.attemptsMax)
      throw new ConnectionError(urlOf(connection, path), failures, new Error('the stream ends without an event'));
    await pause(backoffMs(connection.retry, Math.max(1, failures)), signal);
  }
}

async function* polledEvents(
  connection: Connection,
  place: Place,
  { signal }: WatchBeersOptions,
): AsyncGenerator<BeersEvent, void, undefined> {
  for (;;) {
    const path = `/v1/beers/events${place.since === undefined ? '' : `?since=${encodeURIComponent(place.since)}`}`;
    const page = await send<BeersEventList>(
      connection,
      { method: 'GET', path, repeatable: true, timeoutMs: 30_000, signal },
      readJson,
    );
    if (page.resync) yield { type: 'resync' };
    for (const event of page.items) {
      place.since = event.id;
      yield event;
    }
    place.since = page.since;
    // A page that is not empty may have another behind it.
    if (page.items.length === 0) await pause(pollMs, signal);
  }
}

/** Null for a kind of event that a later server may have added. */
function beersEventOf(event: LiveCloudEvent | Resync): BeersEvent | null {
  switch (event.type) {
    case 'resync':
    case 'beer.poured':
    case 'beer.deleted':
    case 'taps.report':
    case 'taps.changed':
      return event;
    default:
      return null;
  }
}
