import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { TapView } from '../../client/client.ts';
import { Button } from '../../ui/button.tsx';
import { formatCount, formatShare } from '../../ui/format.ts';
import { Panel } from '../../ui/panel.tsx';
import { without } from '../filters/filter.ts';
import { addressOf, type BeerFilter } from './beer-filter.ts';
import './taps-panel.css';

/** Where there are more, a few are shown until all are asked for. */
const shownMax = 6;
const fewCount = 5;

interface TapsPanelProps {
  readonly taps: readonly TapView[] | null;
  readonly filter: BeerFilter;
}

/** Each tap: its share of all beers, and whether it is connected. */
export function TapsPanel({ taps, filter }: TapsPanelProps): JSX.Element {
  const [isWhole, setWhole] = useState(false);
  const all = taps ?? [];
  const connected = all.filter(({ sockets }) => sockets > 0).length;
  const isLong = all.length > shownMax;
  const shown = isLong && !isWhole ? firstOf(all) : all.toSorted((one, other) => one.tapId - other.tapId);
  return (
    <Panel title="Taps" bare>
      <p class="taps-panel-about" role="status">
        {taps === null ? '–' : `${formatCount(connected)} of ${formatCount(all.length)} connected`}
      </p>
      <ul class="taps-panel-list" aria-label="Taps and their shares">
        {shown.map((tap) => (
          <TapRow key={tap.tapId} tap={tap} filter={filter} />
        ))}
      </ul>
      {isLong && (
        <div class="taps-panel-more">
          <Button kind="quiet" onClick={() => setWhole(!isWhole)}>
            {isWhole ? `Show the ${fewCount} that have poured most` : `Show all ${formatCount(all.length)} taps`}
          </Button>
        </div>
      )}
    </Panel>
  );
}

/** Those that have poured most, the most first. */
function firstOf(taps: readonly TapView[]): TapView[] {
  return taps.toSorted((one, other) => other.beers - one.beers).slice(0, fewCount);
}

function TapRow({ tap: { tapId, beers, share, sockets }, filter }: { tap: TapView; filter: BeerFilter }): JSX.Element {
  const isChosen = filter.tapId === tapId;
  const state = sockets > 0 ? 'Connected' : 'Not connected';
  return (
    <li class="tap-row linked-row">
      <a
        class="tap-row-name row-link"
        href={addressOf(isChosen ? without(filter, 'tapId') : { ...filter, tapId })}
        aria-current={isChosen ? 'true' : undefined}
        title={isChosen ? 'Show all taps' : `Show only tap ${tapId}`}
      >
        Tap {tapId}
      </a>
      <span class={`tap-row-state${sockets > 0 ? ' tap-row-connected' : ''}`} title={state}>
        <span class="unseen">{state}</span>
      </span>
      <span class="tap-row-bar" aria-hidden="true">
        <span style={{ width: `${share * 100}%` }} />
      </span>
      <span class="tap-row-share">{share > 0 && share < 0.005 ? '<1%' : formatShare(share)}</span>
      <span class="tap-row-beers">
        {formatCount(beers)} {beers === 1 ? 'beer' : 'beers'}
      </span>
    </li>
  );
}
