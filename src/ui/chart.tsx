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
}

const height = 48;
/** A line along the bottom looks better when it is not cut in half. */
const roomShare = 0.08;
const leastSpanSeconds = 60;

/** A small line through the last minutes, without axes: the numbers stand beside it. The library comes when it is first needed. */
export function Chart({ label, points, spanMs }: ChartProps): JSX.Element {
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
      plot.current = new Plot(optionsOf(host, spanMs), latest.current, host);
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

  return <div class="chart" ref={place} role="img" aria-label={label} />;
}

function spanOf(known: number, most: number): number {
  return Math.min(most, Math.max(known, leastSpanSeconds));
}

function optionsOf(host: HTMLElement, spanMs: number): uPlot.Options {
  const colour = () => getComputedStyle(host).color;
  return {
    width: host.clientWidth,
    height,
    padding: [2, 2, 2, 2],
    legend: { show: false },
    cursor: { show: false },
    axes: [{ show: false }, { show: false }],
    scales: {
      x: { time: true, range: (_plot, first, last) => [last - spanOf(last - first, spanMs / 1_000), last] },
      y: { range: (_plot, _least, most) => [-roomShare * Math.max(1, most), (1 + roomShare) * Math.max(1, most)] },
    },
    series: [
      {},
      {
        stroke: colour,
        fill: () => colour().replace(/^rgb\((.*)\)$/, 'rgba($1, 0.12)'),
        fillTo: 0,
        width: 1.5,
        points: { show: false },
      },
    ],
  };
}
