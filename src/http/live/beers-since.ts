import { limits } from '../../core/limits.ts';
import { eventCursor } from '../cursor.ts';
import { type CatchUpParts, isTooOld } from './catch-up.ts';
import { beersEventText } from './cloud-events.ts';

const topics = [{ kind: 'beers', topic: 'beers' }] as const;

/** The JSON text of a `BeersEventList`: a page of what has happened to beers behind a position, from now on where that is null. */
export async function beersSince(parts: CatchUpParts, caller: string, since: number | null): Promise<string> {
  const { engine, taps } = parts;
  const resync = since !== null && (await isTooOld(parts, { caller, topics, since }));
  if (since === null || resync) return listText([], await engine.logEnd(), resync);
  const events = await taps.log(since, limits.beersPageMax);
  return listText(
    events.map((event) => beersEventText(event).json),
    events.at(-1)?.position ?? since,
    false,
  );
}

function listText(events: readonly string[], position: number, resync: boolean): string {
  return `{"items":[${events.join(',')}],"since":"${eventCursor(position)}","resync":${resync}}`;
}
