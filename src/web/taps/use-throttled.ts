import { useCallback, useEffect, useRef } from 'preact/hooks';

/** Runs something soon after it is asked for, however often that is, with a pause of `everyMs` between two runs. */
export function useThrottled(run: () => void, everyMs: number): () => void {
  const latest = useRef(run);
  latest.current = run;
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const nextAt = useRef(0);
  useEffect(
    () => () => {
      clearTimeout(timer.current ?? undefined);
      timer.current = null;
    },
    [],
  );
  return useCallback(() => {
    timer.current ??= setTimeout(
      () => {
        timer.current = null;
        nextAt.current = performance.now() + everyMs;
        latest.current();
      },
      Math.max(0, nextAt.current - performance.now()),
    );
  }, [everyMs]);
}
