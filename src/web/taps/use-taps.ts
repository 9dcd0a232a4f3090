import { useEffect, useRef } from 'preact/hooks';
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
  /** Not every kind of connection tells them. */
  const isTold = useRef(false);
  useEffect(() => {
    if (beersConnection.value === 'lost') isTold.current = false;
    else if (beersConnection.value !== 'connecting') reloadSoon();
  }, [beersConnection.value]);
  useBeers((events) => {
    const told = events.findLast(({ type }) => type === 'taps.changed');
    if (told?.type === 'taps.changed') {
      isTold.current = true;
      set(told.data.items);
    } else if (!isTold.current) reloadSoon();
  });
  return { taps: value, error };
}
