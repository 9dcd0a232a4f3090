import type { TapReport } from '../../contracts/beers.ts';
import { type PouredBeer, sharesOf } from '../../core/beer.ts';
import type { DocumentEvent } from '../../core/events.ts';
import type { JsonObject } from '../../core/json.ts';
import { utcTime } from '../../core/utc-time.ts';

/** The JSON text of a `Beer`: nothing in it needs to be escaped. */
export function beerJson({ id, tapId, volume, type, at }: PouredBeer): string {
  return `{"id":"${id}","tapId":${tapId},"volume":${volume},"type":"${type}","timestamp":"${utcTime(at)}"}`;
}

/** `data` of an event of the topic `beers`, from the line of the log. */
export function beersEventData({ type, data }: Pick<DocumentEvent, 'type' | 'data'>): object {
  return type === 'taps.report' ? tapReport(data) : data;
}

/** What a report in the log says. */
export function tapReport({ counts }: JsonObject): TapReport {
  // As the store writes it: each tap and how many beers it has.
  const pairs = Array.isArray(counts) ? (counts as [number, number][]) : [];
  return sharesOf(pairs.map(([tapId, beers]) => ({ tapId, beers })));
}
