import { useEffect } from 'preact/hooks';
import type { TapView } from '../../client/client.ts';
import { api } from '../api.ts';
import { useLoaded } from '../use-loaded.ts';
import { beersConnection, useBeers } from './beers-live.ts';
import { useThrottled } from './use-throttled.ts';

const everyMs = 1_000;

export interface Taps {
  /** Null until they have come. */
  readonly taps: readonly TapView[] | null;
  readonly error: unknown;
}

/** All taps with their shares, as the server counts them: told by events, asked for after a lost connection. */
export function useTaps(): Taps {
  const { value, error, reload, set } = useLoaded((signal) => api.taps({ signal }), []);
  const reloadSoon = useThrottled(reload, everyMs);
  useEffect(() => {
    if (beersConnection.value === 'live' || beersConnection.value === 'polling') reloadSoon();
  }, [beersConnection.value]);
  useBeers((events) => {
    const told = events.findLast(({ type }) => type === 'taps.changed');
    if (told?.type === 'taps.changed') set(told.data.items);
    if (events.some(({ type }) => type !== 'taps.changed')) reloadSoon();
  });
  return { taps: value, error };
}
