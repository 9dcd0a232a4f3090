import type { LiveCloudEvent, SubscribeCommand } from '../contracts/live.ts';
import { ConnectionError } from './connection-error.ts';
import { answers, mayPass } from './live-failures.ts';
import { liveSteps, SocketFailure } from './live-socket.ts';
import { backoffMs, type Connection, pause, urlOf } from './send.ts';

/** `live`: events come as they happen, and nothing is missing; `lost`: the connection is being opened anew; `polling`: every few seconds. */
export type ConnectionState = 'live' | 'lost' | 'polling';

/** Where a watcher stands, whatever it is connected by. */
export interface Place {
  /** Behind it nothing has been told. */
  since: string | undefined;
  /** Whether a WebSocket has brought anything. */
  worked?: boolean;
}

/** More than 24 hours were missed: read anew what you show. */
export interface Resync {
  readonly type: 'resync';
}

export interface LiveOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told whenever the way by which events come changes. */
  readonly onConnection?: ((state: ConnectionState) => void) | undefined;
}

/**
 * Events over WebSockets, opened anew whenever they are lost; `caught-up` comes once what lay behind the place has been told, on every
 * new one. Returns where none opens although the server answers. Throws `ProblemError` where the subscription is refused,
 * `ConnectionError`, or the reason of the signal.
 */
export async function* liveEvents(
  connection: Connection,
  place: Place,
  wanted: () => Pick<SubscribeCommand, 'topics' | 'tap'>,
  { signal, onConnection }: LiveOptions,
): AsyncGenerator<LiveCloudEvent | Resync | 'caught-up', void, undefined> {
  const { retry } = connection;
  for (let failures = 0; ; ) {
    try {
      const { since } = place;
      for await (const step of liveSteps(connection, { ...wanted(), ...(since !== undefined && { since }) }, signal)) {
        place.worked = true;
        failures = 0;
        if (step.kind === 'caught-up') {
          onConnection?.('live');
          yield 'caught-up';
        } else if (step.kind === 'subscribed') place.since ??= step.since;
        else if (step.message.type === 'resync') {
          place.since = step.message.since;
          yield { type: 'resync' };
        } else {
          place.since = step.message.event.id;
          yield step.message.event;
        }
      }
    } catch (error) {
      if (!(error instanceof SocketFailure || mayPass(error))) throw error;
      if (error instanceof SocketFailure && !place.worked && (await answers(connection, signal))) return;
    }
    onConnection?.('lost');
    failures += 1;
    if (failures >= (place.worked ? retry.reconnectsMax : retry.attemptsMax)) {
      throw new ConnectionError(urlOf(connection, '/v1/live'), failures, new Error('the connection is lost or does not open'));
    }
    await pause(backoffMs(retry, failures), signal);
  }
}
