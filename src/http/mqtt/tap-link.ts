import type { Clock } from '../../core/clock.ts';
import type { Engine } from '../../engine/engine.ts';
import type { DeviceBroker, TakeMessage } from '../../ports/device-broker.ts';
import type { Log } from '../../ports/log.ts';
import type { Measures } from '../../ports/metrics.ts';
import type { Taps } from '../../ports/taps.ts';
import { openLinkPlace } from './link-place.ts';
import { pourTopics } from './pour-of-message.ts';
import { publishBeers } from './publish-beers.ts';
import { takePours } from './take-pours.ts';

export interface TapLinkParts {
  readonly engine: Pick<Engine, 'documents' | 'logEnd' | 'tail'>;
  readonly taps: Taps;
  readonly clock: Clock;
  readonly log: Log;
  readonly measures: Measures;
  /** Connects to the broker, as the client of this name, for the messages of these topics. */
  open(link: {
    readonly clientId: string;
    readonly topics: readonly string[];
    readonly take: TakeMessage;
  }): Promise<DeviceBroker>;
}

/** The taps over a broker of messages: pours come in, events go out. */
export interface TapLink {
  isConnected(): boolean;
  stop(): Promise<void>;
}

export async function openTapLink({ engine, taps, clock, log, measures, open }: TapLinkParts): Promise<TapLink> {
  const stopping = new AbortController();
  const place = await openLinkPlace(engine, clock);
  // A message may come as soon as the connection is there, before its owner has it in hand.
  const publish: DeviceBroker['publish'] = async (topic, text) => (await opening).publish(topic, text);
  const take = takePours({ taps, publish, clock, log, measures, signal: stopping.signal });
  const opening = open({ clientId: place.clientId, topics: [pourTopics], take });
  const broker = await opening;
  const endPublishing = await publishBeers({ taps, tail: engine.tail, place, broker, clock, log });
  return {
    isConnected: broker.isConnected,
    async stop() {
      stopping.abort();
      await endPublishing();
      await broker.close();
    },
  };
}
