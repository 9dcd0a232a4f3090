import type { Clock } from '../../core/clock.ts';
import type { LogTail } from '../../engine/log-tail.ts';
import { createLoop } from '../../engine/loop.ts';
import { oneAtATime } from '../../engine/one-at-a-time.ts';
import type { DeviceBroker } from '../../ports/device-broker.ts';
import type { Log } from '../../ports/log.ts';
import type { Taps } from '../../ports/taps.ts';
import { beersEventText } from '../live/cloud-events.ts';
import type { LinkPlace } from './link-place.ts';

/** Where everything that happens to beers is told, in the order of the log. */
export const eventsTopic = 'taps/events';

/** So many events are on their way to the broker at a time. */
const pageMax = 100;
/** A round that failed is made up for. */
const roundMs = 5_000;

export interface PublishBeersParts {
  readonly taps: Pick<Taps, 'log' | 'logPruned'>;
  readonly tail: LogTail;
  readonly place: LinkPlace;
  readonly broker: DeviceBroker;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Publishes the events of beers from where it ended last, over restarts of ours and of the broker. An event may come twice around a
 * restart (its id tells), none is left out that the log still has. Resolves with what ends it.
 */
export async function publishBeers({ taps, tail, place, broker, clock, log }: PublishBeersParts): Promise<() => Promise<void>> {
  let isStopped = false;

  async function publishOn(): Promise<void> {
    if (place.position < (await taps.logPruned())) log.warn({}, 'mqtt.events-missed');
    for (let isFull = true; isFull && !isStopped; ) {
      const page = await taps.log(place.position, pageMax);
      await Promise.all(page.map((event) => broker.publish(eventsTopic, beersEventText(event).json)));
      const last = page.at(-1);
      if (last !== undefined) await place.reached(last.position);
      isFull = page.length === pageMax;
    }
  }

  const publishing = oneAtATime(publishOn, (error) => {
    if (!isStopped) log.error({ err: error }, 'mqtt.publish-failed');
  });
  const ignore = () => {};
  const unfollow = await tail.follow({
    event: ignore,
    progress: ignore,
    removed: ignore,
    documentEvent: () => publishing.request(),
  });
  const rounds = createLoop(
    'mqtt-events',
    roundMs,
    async () => {
      publishing.request();
      return 0;
    },
    { clock, log },
  );
  publishing.request();
  rounds.start();
  return async () => {
    isStopped = true;
    unfollow();
    await rounds.stop();
    await place.save();
  };
}
