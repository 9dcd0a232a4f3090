import type { JSX } from 'preact';
import { Chart } from '../../ui/chart.tsx';
import { formatCount } from '../../ui/format.ts';
import { Panel } from '../../ui/panel.tsx';
import type { BeerFilter } from './beer-filter.ts';
import { spanMs, stepMs } from './pour-counts.ts';
import './pours-panel.css';
import { usePourCounts } from './use-pour-counts.ts';

const lastMinute = 60_000 / stepMs;

/** How much was poured in the last minutes. */
export function PoursPanel({ filter }: { filter: BeerFilter }): JSX.Element {
  const points = usePourCounts(filter);
  const counts = points.flatMap(({ value }) => (value === null ? [] : [value]));
  const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);
  const recent = sum(points.slice(-lastMinute).map(({ value }) => value ?? 0));
  const most = Math.max(0, ...counts);
  const text = `Beers poured in the last ten minutes: ${formatCount(sum(counts))}; in ten seconds ${formatCount(most)} at most.`;
  const isKnown = counts.length > 0;
  return (
    <Panel title="Pours">
      <dl class="pours-panel-figures">
        <div>
          <dt>Last minute</dt>
          <dd>{isKnown ? formatCount(recent) : '–'}</dd>
        </div>
        <div>
          <dt>Last ten minutes</dt>
          <dd>{isKnown ? formatCount(sum(counts)) : '–'}</dd>
        </div>
      </dl>
      <Chart label={text} points={points} spanMs={spanMs} barMs={stepMs} />
      <p class="pours-panel-note">{noteOf(filter)}, by when they were poured.</p>
    </Panel>
  );
}

const glasses = { half: 'Halves', pint: 'Pints', stein: 'Steins' } as const;

function noteOf({ type, tapId }: BeerFilter): string {
  return `${type === undefined ? 'Beers' : glasses[type]}${tapId === undefined ? '' : ` of tap ${tapId}`} in each ten seconds`;
}
