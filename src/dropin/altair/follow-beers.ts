import { beersCollectionName } from '../../core/beer.ts';
import type { DocumentEvent } from '../../core/events.ts';
import type { TailListener } from '../../engine/log-tail.ts';
import { tapReport } from '../../http/beers/beer-view.ts';
import type { DropInParts } from '../drop-in-parts.ts';
import { TapShares } from './tap-shares.ts';

const retryMs = 1_000;
/** Changes that are remembered until the shares are known; of older ones the reports are left out. */
const earlyMax = 10_000;

const changes: Readonly<Record<string, 1 | -1>> = { 'beer.poured': 1, 'beer.deleted': -1 };

type BeerFeedParts = Pick<DropInParts, 'engine' | 'taps' | 'clock' | 'log'>;

/**
 * Tells what happens to beers in the words of Altair, in the order of the log, whoever has poured them. The shares come from a report
 * in that log, which has counted them at its own place; what happened since this began, and before it, is counted back. The returned
 * function ends it.
 */
export function followBeers({ engine, taps, clock, log }: BeerFeedParts, tell: (text: string) => void): () => void {
  let shares: TapShares | null = null;
  let early: DocumentEvent[] = [];
  let unfollow: (() => void) | null = null;
  let ended = false;
  let clearTimer = () => {};

  function count(known: TapShares, { type, data }: DocumentEvent): void {
    known.change(Number(data.tapId), changes[type] ?? 1);
    if (known.isReportDue) tell(known.report());
  }

  function learn({ data }: DocumentEvent): void {
    shares = new TapShares(tapReport(data).taps);
    for (const { type, data: beer } of early.toReversed()) shares.change(Number(beer.tapId), changes[type] === 1 ? -1 : 1);
    for (const event of early) count(shares, event);
    early = [];
  }

  function remember(event: DocumentEvent): void {
    if (early.length >= earlyMax) early = [];
    early.push(event);
  }

  const listener: TailListener = {
    event() {},
    progress() {},
    removed() {},
    documentEvent(event) {
      if (event.collection !== beersCollectionName) return;
      if (event.type === 'taps.report' && shares === null) learn(event);
      const text = textOf(event);
      if (text === null) return;
      tell(text);
      if (shares !== null) count(shares, event);
      else remember(event);
    },
  };

  async function begin(): Promise<void> {
    try {
      unfollow ??= await engine.tail.follow(listener);
      if (ended) unfollow();
      else await taps.tellShares();
    } catch (error) {
      log.error({ err: error }, 'beers.failed');
      if (!ended) clearTimer = clock.after(retryMs, () => void begin());
    }
  }

  void begin();
  return () => {
    ended = true;
    clearTimer();
    unfollow?.();
  };
}

function textOf({ type, data, number }: DocumentEvent): string | null {
  if (type === 'beer.poured') return `Tap with id ${data.tapId} posted a new beer (id: ${number})!`;
  return type === 'beer.deleted' ? `Beer ${number} deleted from the collection` : null;
}
