import type { JSX } from 'preact';
import { useLocation } from 'preact-iso';
import type { TapView } from '../../client/client.ts';
import { glassTypes } from '../../core/beer.ts';
import { Button } from '../../ui/button.tsx';
import { isFiltered, without } from '../filters/filter.ts';
import '../filters/filter-bar.css';
import { FilterChoices } from '../filters/filter-choices.tsx';
import { FilterSelect } from '../filters/filter-select.tsx';
import { TimeField } from '../filters/time-field.tsx';
import { addressOf, type BeerFilter } from './beer-filter.ts';
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
      <FilterChoices
        title="Glass"
        choices={glassTypes}
        words={glassWords}
        chosen={filter.type}
        addressOf={(type) => addressOf({ ...without(filter, 'type'), ...(type !== undefined && { type }) })}
      />
      <div class="filter-bar-fields">
        <FilterSelect
          title="Tap"
          all="All taps"
          options={ids.map((id) => ({ value: String(id), title: `Tap ${id}` }))}
          chosen={filter.tapId?.toString()}
          onChoose={(id) => go({ ...without(filter, 'tapId'), ...(id !== undefined && { tapId: Number(id) }) })}
        />
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
