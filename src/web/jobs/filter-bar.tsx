import { X } from 'lucide';
import type { JSX } from 'preact';
import { useLocation } from 'preact-iso';
import { jobStates } from '../../core/job.ts';
import { Button } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { stateWords } from '../../ui/state-badge.tsx';
import { api } from '../api.ts';
import { isFiltered, without } from '../filters/filter.ts';
import { useLoaded } from '../use-loaded.ts';
import '../filters/filter-bar.css';
import { FilterChoices } from '../filters/filter-choices.tsx';
import { FilterSelect } from '../filters/filter-select.tsx';
import { TimeField } from '../filters/time-field.tsx';
import { addressOf, type JobFilter } from './job-filter.ts';
import { LabelField } from './label-field.tsx';

/** Which jobs are shown. All of it stands in the address, so that it can be shared and Back leads to what was shown before. */
export function FilterBar({ filter }: { filter: JobFilter }): JSX.Element {
  const { route } = useLocation();
  const services = useLoaded((signal) => api.services({ signal }), []);
  const go = (next: JobFilter) => route(addressOf(next));

  return (
    <search class="filter-bar">
      <FilterChoices
        title="State"
        choices={jobStates}
        words={stateWords}
        chosen={filter.state}
        addressOf={(state) => addressOf({ ...without(filter, 'state'), ...(state !== undefined && { state }) })}
      />
      <div class="filter-bar-fields">
        <FilterSelect
          title="Service"
          all="All services"
          options={services.value?.map(({ name, title }) => ({ value: name, title })) ?? []}
          chosen={filter.service}
          onChoose={(service) => go({ ...without(filter, 'service'), ...(service !== undefined && { service }) })}
        />
        <LabelField onAdd={(name, value) => go({ ...filter, labels: { ...filter.labels, [name]: value } })} />
        <TimeField
          title="Created"
          from={filter.createdAfter}
          until={filter.createdBefore}
          onChange={({ from, until }) =>
            go({
              ...without(filter, 'createdAfter', 'createdBefore'),
              ...(from !== undefined && { createdAfter: from }),
              ...(until !== undefined && { createdBefore: until }),
            })
          }
        />
      </div>
      {isFiltered(filter) && (
        <div class="filter-bar-chips">
          {Object.entries(filter.labels ?? {}).map(([name, value]) => (
            <a
              key={name}
              class="filter-bar-chip"
              href={addressOf(withoutLabel(filter, name))}
              aria-label={`Without the label ${name}=${value}`}
            >
              <span>
                {name}={value}
              </span>
              <Icon node={X} size={14} />
            </a>
          ))}
          <Button kind="quiet" onClick={() => go({})}>
            Clear filters
          </Button>
        </div>
      )}
    </search>
  );
}

function withoutLabel(filter: JobFilter, name: string): JobFilter {
  const { [name]: _, ...labels } = filter.labels ?? {};
  return { ...without(filter, 'labels'), ...(Object.keys(labels).length > 0 && { labels }) };
}
