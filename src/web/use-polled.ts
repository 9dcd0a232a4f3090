import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { createClient } from '../client/client.ts';

export interface Polled<T> {
  /** Null until it has come for the first time; what was read last stays. */
  readonly value: T | null;
  /** Why the last look failed; null when it did not. */
  readonly error: unknown;
  /** Looks now. */
  reload(): void;
}

/** For looks that come again soon: it does not try again by itself. */
export const pollingClient = createClient({ baseUrl: location.origin, retry: { attemptsMax: 1 } });

/** Looks at something again and again while the part is shown and the page is seen. */
export function usePolled<T>(load: (signal: AbortSignal) => Promise<T>, everyMs: number): Polled<T> {
  const [state, setState] = useState<{ value: T | null; error: unknown }>({ value: null, error: null });
  const look = useRef<() => void>(() => {});

  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isLooking = false;
    const run = async (): Promise<void> => {
      clearTimeout(timer);
      if (document.hidden || isLooking) return;
      isLooking = true;
      try {
        const value = await load(signal);
        if (!signal.aborted) setState({ value, error: null });
      } catch (error) {
        if (!signal.aborted) setState(({ value }) => ({ value, error }));
      }
      isLooking = false;
      if (!signal.aborted) timer = setTimeout(run, everyMs);
    };
    look.current = () => void run();
    const seen = () => void run();
    document.addEventListener('visibilitychange', seen);
    void run();
    return () => {
      controller.abort();
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', seen);
    };
  }, []);

  const reload = useCallback(() => look.current(), []);
  return { ...state, reload };
}
