import { useCallback, useEffect, useRef, useState } from 'preact/hooks';

export interface Loaded<T> {
  /** Null until it has come; what was loaded last stays while it is loaded anew. */
  readonly value: T | null;
  readonly error: unknown;
  /** Loads it again; at most one further load waits for the one that is under way. */
  reload(): void;
  /** Puts in what is known without a load, such as the answer to a change. */
  set(value: T): void;
}

/** Loads something when the part is shown, and anew when `keys` change. */
export function useLoaded<T>(load: (signal: AbortSignal) => Promise<T>, keys: readonly unknown[]): Loaded<T> {
  const [state, setState] = useState<{ value: T | null; error: unknown }>({ value: null, error: null });
  const again = useRef<() => void>(() => {});

  useEffect(() => {
    const controller = new AbortController();
    let isLoading = false;
    let isWanted = false;
    const run = async (): Promise<void> => {
      isWanted = true;
      if (isLoading) return;
      isLoading = true;
      while (isWanted && !controller.signal.aborted) {
        isWanted = false;
        try {
          const value = await load(controller.signal);
          if (!controller.signal.aborted) setState({ value, error: null });
        } catch (error) {
          if (!controller.signal.aborted) setState(({ value }) => ({ value, error }));
        }
      }
      isLoading = false;
    };
    again.current = () => void run();
    setState({ value: null, error: null });
    void run();
    return () => controller.abort();
  }, keys);

  const reload = useCallback(() => again.current(), []);
  const set = useCallback((value: T) => setState({ value, error: null }), []);
  return { ...state, reload, set };
}
