import type { LiveCloudEvent, SubscribeCommand } from '../contracts/live.ts';
import { ConnectionError } from './connection-error.ts';
import { answers, mayPass } from './live-failures.ts';
import { liveSteps, SocketFailure } from './live-socket.ts';
import { backoffMs, type Connection, pause, urlOf } from './send.ts';

/** `live`: events come as they happen, and nothing is missing; `lost`: the connection is being opened anew; `polling`: every few seconds. */
export type ConnectionState = 'live' | 'lost' | 'polling';

/** Where a watcher stands, whatever it is connected by: behind it nothing has been told. */
export interface Place {
  since: string | undefined;
}

export interface LiveOptions {
  /** Whether a WebSocket has worked before. */
  readonly worked?: boolean;
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
  { worked: hasWorked = false, signal, onConnection }: LiveOptions,
): AsyncGenerator<LiveCloudEvent | 'caught-up' | 'resync', void, undefined> {
  const { retry } = connection;
  let worked = hasWorked;
  for (let failures = 0; ; ) {
    const since = place.since === undefined ? {} : { since: place.since };
    try {
      for await (const step of liveSteps(connection, { ...wanted(), ...since }, signal)) {
        worked = true;
        failures = 0;
        if (step.kind === 'caught-up') {
          onConnection?.('live');
          yield 'caught-up';
        } else if (step.kind === 'subscribed') place.since ??= step.since;
        else if (step.message.type === 'resync') {
          place.since = step.message.since;
          yield 'resync';
        } else {
          place.since = step.message.event.id;
          yield step.message.event;
        }
      }
    } catch (error) {
      if (!(error instanceof SocketFailure || mayPass(error))) throw error;
      if (error instanceof SocketFailure && !worked && (await answers(connection, signal))) return;
    }
    onConnection?.('lost');
    failures += 1;
    if (failures >= (worked ? retry.reconnectsMax : retry.attemptsMax)) {
      throw new ConnectionError(urlOf(connection, '/v1/live'), failures, new Error('the connection is lost or does not open'));
    }
    await pause(backoffMs(retry, failures), signal);
  }
}
