import { useEffect, useMemo, useState } from 'preact/hooks';
import type { ChartPoint } from '../../ui/chart.tsx';
import { pollingClient } from '../use-polled.ts';
import type { BeerFilter } from './beer-filter.ts';
import { beersConnection, useBeers } from './beers-live.ts';
import { PourCounts, stepMs, stepOf } from './pour-counts.ts';

const everyMs = 1_000;
/** More steps than this are first looked for among the newest beers: mostly these are all. */
const singleMax = 4;
const newestMax = 500;
const atOnce = 4;

/** How many beers were poured in each ten seconds of the last minutes; what is to be counted is asked for once a second. */
export function usePourCounts({ type, tapId }: BeerFilter): readonly ChartPoint[] {
  const counts = useMemo(() => new PourCounts(), [type, tapId]);
  const [points, setPoints] = useState<readonly ChartPoint[]>(() => counts.shown(Date.now()));

  useBeers((events) => {
    for (const event of events) {
      if (event.type === 'resync') counts.touchAll();
      if (event.type === 'beer.poured' || event.type === 'beer.deleted') counts.touch(Date.parse(event.data.timestamp));
    }
  });
  // What happened before the first sign of life of the connection was not told.
  useEffect(() => {
    if (beersConnection.value === 'live') counts.touchAll();
  }, [beersConnection.value === 'live']);

  useEffect(() => {
    const left = new AbortController();
    const { signal } = left;
    const of = { ...(type !== undefined && { type }), ...(tapId !== undefined && { tapId }) };
    let timer: ReturnType<typeof setTimeout> | undefined;
    setPoints(counts.shown(Date.now()));
    const turn = async () => {
      if (!document.hidden) await count(counts, of, signal);
      if (signal.aborted) return;
      setPoints(counts.shown(Date.now()));
      timer = setTimeout(turn, everyMs);
    };
    void turn();
    return () => {
      left.abort();
      clearTimeout(timer);
    };
  }, [counts]);
  return points;
}

/** What cannot be asked for now is asked for with the next turn. */
async function count(counts: PourCounts, filter: BeerFilter, signal: AbortSignal): Promise<void> {
  const wanted = counts.wanted(Date.now());
  counts.asked(wanted);
  try {
    if (wanted.length <= singleMax || !(await countNewest(counts, wanted, filter, signal)))
      await countEach(counts, wanted, filter, signal);
  } catch (error) {
    counts.failed(wanted);
    if (!signal.aborted) console.warn(error);
  }
}

/** False where these are more beers than one answer holds. */
async function countNewest(
  counts: PourCounts,
  steps: readonly number[],
  filter: BeerFilter,
  signal: AbortSignal,
): Promise<boolean> {
  const from = new Date(steps[0] ?? 0).toISOString();
  const { items, total } = await pollingClient.beers({ ...filter, from, pageSize: newestMax }, { signal });
  if (total > items.length) return false;
  const found = new Map<number, number>();
  for (const { timestamp } of items) {
    const step = stepOf(Date.parse(timestamp));
    found.set(step, (found.get(step) ?? 0) + 1);
  }
  for (const step of steps) counts.counted(step, found.get(step) ?? 0);
  return true;
}

async function countEach(counts: PourCounts, steps: readonly number[], filter: BeerFilter, signal: AbortSignal): Promise<void> {
  const waiting = steps.values();
  const countSome = async () => {
    for (const step of waiting) {
      const range = { from: new Date(step).toISOString(), to: new Date(step + stepMs).toISOString() };
      counts.counted(step, (await pollingClient.beers({ ...filter, ...range, pageSize: 1 }, { signal })).total);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, countSome));
}
