import { type ReadonlySignal, signal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { addressOf, type BeerFilter } from './beer-filter.ts';
import { useBeers } from './beers-live.ts';
import { type ShownEvent, shownEvent } from './shown-event.ts';

const keptMax = 60;

/** What was heard last and passes, newest first. */
export function useStream(filter: BeerFilter): ReadonlySignal<readonly ShownEvent[]> {
  const heard = useMemo(() => signal<readonly ShownEvent[]>([]), [addressOf(filter)]);
  useBeers((events) => {
    // Of many only the last can be shown.
    const lines = events.slice(-keptMax).flatMap((event) => shownEvent(event, filter) ?? []);
    if (lines.length > 0) heard.value = [...lines.reverse(), ...heard.value].slice(0, keptMax);
  });
  return heard;
}
