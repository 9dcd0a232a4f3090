import { type Signal, signal } from '@preact/signals';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Beer, BeerPage, BeersEvent } from '../../client/client.ts';
import { api } from '../api.ts';
import { useLoaded } from '../use-loaded.ts';
import { addressOf, type BeerFilter, passes } from './beer-filter.ts';
import { beersConnection, useBeers } from './beers-live.ts';
import { useThrottled } from './use-throttled.ts';

export const pageSize = 50;
const countMs = 1_000;
/** Counting stops here: "1,000+" says enough. */
export const newBeersMax = 1_000;

export interface ShownBeers {
  /** Null until the first page has come; the page before stays while the next one is loaded. */
  readonly page: BeerPage | null;
  readonly error: unknown;
  readonly isLoading: boolean;
  /** How many match now, as the server counts them; null until that is known. */
  readonly total: number | null;
  /** How many there are that belong onto this page and are not on it yet. */
  readonly newBeers: Signal<number>;
  /** Of this page, deleted since by others. */
  readonly gone: Signal<ReadonlySet<string>>;
  reload(): void;
}

/** One page of the list: its rows stay where they are, and what has come since is counted. */
export function useBeerPage(filter: BeerFilter, number: number): ShownBeers {
  const address = addressOf(filter, number);
  const [turn, setTurn] = useState(0);
  const { value, error } = useLoaded(
    (stop) => api.beers({ ...filter, page: number, pageSize }, { signal: stop }),
    [address, turn],
  );
  const [total, setTotal] = useState<number | null>(null);
  const before = useRef<BeerPage | null>(null);
  if (value !== null) before.current = value;
  const page = value ?? before.current;
  const heard = useMemo(() => new Heard(filter), [address, turn]);

  const reload = () => setTurn((count) => count + 1);
  const countSoon = useThrottled(() => {
    api.beers({ ...filter, pageSize: 1 }).then(
      (counted) => setTotal(counted.total),
      // It is counted again with the next event; that the server is away is shown above.
      (problem: unknown) => console.warn(problem),
    );
  }, countMs);

  useEffect(() => {
    if (value === null) return;
    setTotal(value.total);
    heard.compare(value);
  }, [value]);
  useBeers((events) => {
    if (events.some(({ type }) => type === 'resync')) reload();
    if (!heard.hear(events)) return;
    if (value !== null) heard.compare(value);
    // Where there is no row, none can move under the finger.
    if (value?.total === 0 && heard.count.value > 0) reload();
    else countSoon();
  });
  // What happened between the reading of the page and the first sign of life of the connection was not told.
  const wasConnecting = useRef(beersConnection.value === 'connecting');
  useEffect(() => {
    if (beersConnection.value !== 'live' && beersConnection.value !== 'polling') return;
    if (wasConnecting.current || error !== null) reload();
    wasConnecting.current = false;
  }, [beersConnection.value]);

  return { page, error, isLoading: value === null && error === null, total, newBeers: heard.count, gone: heard.gone, reload };
}

/** What was heard of since a page was asked for. */
class Heard {
  readonly count = signal(0);
  readonly gone = signal<ReadonlySet<string>>(new Set());
  readonly #filter: BeerFilter;
  readonly #poured = new Map<string, Beer>();
  readonly #deleted = new Set<string>();

  constructor(filter: BeerFilter) {
    this.#filter = filter;
  }

  /** Whether it changes what matches. */
  hear(events: readonly BeersEvent[]): boolean {
    let isNews = false;
    for (const event of events) {
      if ((event.type !== 'beer.poured' && event.type !== 'beer.deleted') || !passes(this.#filter, event.data)) continue;
      isNews = true;
      const { id } = event.data;
      if (event.type === 'beer.deleted') {
        this.#poured.delete(id);
        this.#deleted.add(id);
      } else if (this.#poured.size < newBeersMax) this.#poured.set(id, event.data);
    }
    return isNews;
  }

  /** With the page that has come: what is on it is not new, and what is older than all of it belongs onto a later one. */
  compare({ items, page, total }: BeerPage): void {
    const ids = new Set(items.map(({ id }) => id));
    const oldest = total > items.length ? Date.parse(items.at(-1)?.timestamp ?? '') : Number.NEGATIVE_INFINITY;
    const isNew = ({ id, timestamp }: Beer) => !ids.has(id) && Date.parse(timestamp) >= oldest;
    this.count.value = page === 1 ? [...this.#poured.values()].filter(isNew).length : 0;
    const gone = [...this.#deleted].filter((id) => ids.has(id));
    if (gone.length !== this.gone.value.size) this.gone.value = new Set(gone);
  }
}
