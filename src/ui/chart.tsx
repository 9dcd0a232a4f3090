import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import './chart.css';

export interface ChartPoint {
  /** ms since 1970. */
  readonly at: number;
  /** Null: nothing is known of this time, and the line has a gap. */
  readonly value: number | null;
}

interface ChartProps {
  /** What it shows, in words: for those who do not see it. */
  readonly label: string;
  readonly points: readonly ChartPoint[];
  /** How much of the past is shown at most; less while less is known. */
  readonly spanMs: number;
  /** Instead of a small line a larger chart with axes: a bar a point, which stands for what happened in so many ms from `at` on. */
  readonly barMs?: number;
}

const lineHeight = 48;
const barHeight = 200;
/** A line along the bottom looks better when it is not cut in half. */
const roomShare = 0.08;
const leastSpanSeconds = 60;

/** The last minutes, as a small line without axes (the numbers stand beside it) or as bars. The library comes when it is first needed. */
export function Chart({ label, points, spanMs, barMs }: ChartProps): JSX.Element {
  const height = barMs === undefined ? lineHeight : barHeight;
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef<uPlot.AlignedData>([[], []]);
  latest.current = [points.map(({ at }) => at / 1_000), points.map(({ value }) => value)];

  useEffect(() => {
    const host = place.current;
    if (host === null) return;
    let isGone = false;
    const sized = new ResizeObserver(() => plot.current?.setSize({ width: host.clientWidth, height }));
    void import('uplot').then(({ default: Plot }) => {
      if (isGone) return;
      const options = barMs === undefined ? lineOptions(spanMs) : barOptions(Plot, host, spanMs, barMs);
      const size = { width: host.clientWidth, height };
      plot.current = new Plot({ ...options, ...size, legend: { show: false }, cursor: { show: false } }, latest.current, host);
      sized.observe(host);
    });
    return () => {
      isGone = true;
      sized.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, []);

  useEffect(() => plot.current?.setData(latest.current), [points]);

  const kind = barMs === undefined ? 'chart' : 'chart chart-bars';
  return <div class={kind} style={{ height }} ref={place} role="img" aria-label={label} />;
}

function spanOf(known: number, most: number): number {
  return Math.min(most, Math.max(known, leastSpanSeconds));
}

type Options = Omit<uPlot.Options, 'width' | 'height'>;

function lineOptions(spanMs: number): Options {
  return {
    padding: [2, 2, 2, 2],
    axes: [{ show: false }, { show: false }],
    scales: {
      x: { time: true, range: (_plot, first, last) => [last - spanOf(last - first, spanMs / 1_000), last] },
      y: { range: (_plot, _least, most) => [-roomShare * Math.max(1, most), (1 + roomShare) * Math.max(1, most)] },
    },
    series: [
      {},
      {
        stroke: ({ root }) => colourOf(root),
        fill: ({ root }) => colourOf(root).replace(/^rgb\((.*)\)$/, 'rgba($1, 0.12)'),
        fillTo: 0,
        width: 1.5,
        points: { show: false },
      },
    ],
  };
}

const wholeSteps = [1, 2, 5].flatMap((digit) => [1, 10, 100, 1_000, 10_000, 100_000].map((size) => digit * size));
const barShare = 0.72;
const barWidthMax = 24;
/** Half of a time of day, in pixels. */
const labelRoom = 20;

function barOptions(Plot: typeof uPlot, host: HTMLElement, spanMs: number, barMs: number): Options {
  const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
  const short = new Intl.NumberFormat(undefined, { notation: 'compact' });
  const style = getComputedStyle(host);
  const axis: uPlot.Axis = {
    stroke: ({ root }) => getComputedStyle(root).getPropertyValue('accent-color'),
    font: `${style.fontSize} ${style.fontFamily}`,
    ticks: { show: false },
    grid: { show: false },
  };
  const half = barMs / 2_000;
  return {
    padding: [8, 0, 0, 0],
    axes: [
      {
        ...axis,
        size: 28,
        gap: 6,
        space: 64,
        values: (plot, times) => times.map((time) => (isCut(plot, time) ? '' : clock.format(time * 1_000))),
      },
      {
        ...axis,
        size: 40,
        gap: 8,
        space: 36,
        incrs: wholeSteps.toSorted((one, other) => one - other),
        grid: { stroke: ({ root }) => getComputedStyle(root).borderTopColor, width: 1 },
        values: (_plot, counts) => counts.map((count) => short.format(count)),
      },
    ],
    scales: {
      x: { time: true, range: (_plot, _first, last) => [last - spanMs / 1_000 + half, last + half] },
      y: { range: (_plot, _least, most) => [0, (1 + roomShare) * Math.max(4, most)] },
    },
    series: [
      {},
      {
        fill: ({ root }) => colourOf(root),
        width: 0,
        points: { show: false },
        ...(Plot.paths.bars === undefined ? {} : { paths: Plot.paths.bars({ size: [barShare, barWidthMax], radius: 0.2 }) }),
      },
    ],
  };
}

/** At the very edge there is no room for the time. */
function isCut(plot: uPlot, time: number): boolean {
  return plot.valToPos(time, 'x') > plot.over.clientWidth - labelRoom;
}

function colourOf(element: HTMLElement): string {
  return getComputedStyle(element).color;
}
