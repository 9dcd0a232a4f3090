import type { JSX } from 'preact';
import { useLocation } from 'preact-iso';
import type { TapView } from '../../client/client.ts';
import { glassTypes } from '../../core/beer.ts';
import { Button } from '../../ui/button.tsx';
import '../filters/filter-bar.css';
import { TimeField } from '../filters/time-field.tsx';
import { addressOf, type BeerFilter, isFiltered, without } from './beer-filter.ts';
import { glassWords } from './beer-text.ts';

interface BeerFilterBarProps {
  readonly filter: BeerFilter;
  readonly taps: readonly TapView[];
}

/** Which beers are shown. All of it stands in the address, so that it can be shared and Back leads to what was shown before. */
export function BeerFilterBar({ filter, taps }: BeerFilterBarProps): JSX.Element {
  const { route } = useLocation();
  const go = (next: BeerFilter) => route(addressOf(next));
  const known = taps.map(({ tapId }) => tapId).toSorted((one, other) => one - other);
  const ids = filter.tapId === undefined || known.includes(filter.tapId) ? known : [filter.tapId, ...known];

  return (
    <search class="filter-bar">
      <nav class="filter-bar-states" aria-label="Glass">
        {[undefined, ...glassTypes].map((type) => (
          <a
            key={type}
            class="filter-bar-state"
            href={addressOf({ ...without(filter, 'type'), ...(type !== undefined && { type }) })}
            aria-current={filter.type === type ? 'true' : undefined}
          >
            {type === undefined ? 'All' : glassWords[type]}
          </a>
        ))}
      </nav>
      <div class="filter-bar-fields">
        <label class="filter-bar-field">
          <span>Tap</span>
          <select
            class="filter-bar-input"
            value={filter.tapId ?? ''}
            onChange={({ currentTarget: { value } }) =>
              go({ ...without(filter, 'tapId'), ...(value !== '' && { tapId: Number(value) }) })
            }
          >
            <option value="">All taps</option>
            {ids.map((id) => (
              <option key={id} value={id}>
                Tap {id}
              </option>
            ))}
          </select>
        </label>
        <TimeField
          title="Poured"
          from={filter.from}
          until={filter.to}
          onChange={({ from, until }) =>
            go({
              ...without(filter, 'from', 'to'),
              ...(from !== undefined && { from }),
              ...(until !== undefined && { to: until }),
            })
          }
        />
      </div>
      {isFiltered(filter) && (
        <div class="filter-bar-chips">
          <Button kind="quiet" onClick={() => go({})}>
            Clear filters
          </Button>
        </div>
      )}
    </search>
  );
}
