import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { formatAgo, formatDuration, formatMoment } from './format.ts';

/** The present time in ms, for everything on the page that grows older; it ticks while somebody looks at it. */
export const now = signal(Date.now());
let watchers = 0;
let ticking: ReturnType<typeof setInterval> | undefined;

/** Keeps `now` going while the part is shown. */
export function useNow(): number {
  useEffect(() => {
    watchers += 1;
    ticking ??= setInterval(() => {
      now.value = Date.now();
    }, 1_000);
    return () => {
      watchers -= 1;
      if (watchers > 0) return;
      clearInterval(ticking);
      ticking = undefined;
    };
  }, []);
  return now.value;
}

/** `3 minutes ago`, with the exact time in the reader's zone on hover. */
export function Ago({ at }: { at: string }): JSX.Element {
  return (
    <time dateTime={at} title={formatMoment(at)}>
      {formatAgo(at, useNow())}
    </time>
  );
}

/** How long since `from`, or until `to` where that is known. */
export function Elapsed({ from, to }: { from: string; to: string | null }): JSX.Element {
  const current = useNow();
  return <span>{formatDuration((to === null ? current : Date.parse(to)) - Date.parse(from))}</span>;
}
