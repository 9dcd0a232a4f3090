import type { BeersEvent } from '../../client/client.ts';
import { formatShare } from '../../ui/format.ts';
import { type BeerFilter, passes } from './beer-filter.ts';

/** A line of the stream. */
export interface ShownEvent {
  readonly key: string;
  readonly kind: 'poured' | 'deleted' | 'report' | 'missed';
  readonly at: string | null;
  readonly text: string;
}

const sharesShown = 3;

/** Null for what is not told there, or does not pass. */
export function shownEvent(event: BeersEvent, filter: BeerFilter): ShownEvent | null {
  switch (event.type) {
    case 'beer.poured':
    case 'beer.deleted': {
      const { tapId, type, volume } = event.data;
      if (!passes(filter, event.data)) return null;
      const isPoured = event.type === 'beer.poured';
      const what = `${type}, ${volume} ml`;
      return {
        key: event.id,
        kind: isPoured ? 'poured' : 'deleted',
        at: event.time,
        text: isPoured ? `Tap ${tapId} poured a ${what}` : `Deleted: a ${what} of tap ${tapId}`,
      };
    }
    case 'taps.report': {
      const { total, taps } = event.data;
      const most = taps.toSorted((one, other) => other.beers - one.beers);
      const shares = most.slice(0, sharesShown).map(({ tapId, share }) => `tap ${tapId} ${formatShare(share)}`);
      const more = most.length > sharesShown ? ` and ${most.length - sharesShown} more` : '';
      const text = total === 0 ? 'No beers are left' : `Shares: ${shares.join(', ')}${more}`;
      return { key: event.id, kind: 'report', at: event.time, text };
    }
    case 'resync':
      return { key: crypto.randomUUID(), kind: 'missed', at: null, text: 'More than 24 hours were missed' };
    default:
      return null;
  }
}
