import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { BeersEvent, ConnectionState } from '../../client/client.ts';
import { api } from '../api.ts';
import { FrameBatch } from '../frame-batch.ts';
import { watchOn } from '../watch-on.ts';

/** How the page hears of beers; `connecting` until it does for the first time. */
export const beersConnection = signal<ConnectionState | 'connecting'>('connecting');

const batch = new FrameBatch<BeersEvent>();

/** Hears of all beers while the part is shown. */
export function useBeersConnection(): void {
  useEffect(() => {
    const left = new AbortController();
    const { signal: stop } = left;
    beersConnection.value = 'connecting';
    const onConnection = (state: ConnectionState) => {
      if (!stop.aborted) beersConnection.value = state;
    };
    void watchOn<BeersEvent>({
      watch: (since) => api.watchBeers({ taps: true, ...(since !== undefined && { since }), signal: stop, onConnection }),
      tell: (event) => batch.add(event),
      onConnection,
      signal: stop,
    });
    return () => left.abort(new Error('the page was left'));
  }, []);
}

/** Calls `listener` with what happened since the last frame, all at once. */
export function useBeers(listener: (events: readonly BeersEvent[]) => void): void {
  batch.useEvents(listener);
}
