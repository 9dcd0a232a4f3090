import { X } from 'lucide';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { jobStates } from '../../core/job.ts';
import { Button } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { stateWords } from '../../ui/state-badge.tsx';
import { api } from '../api.ts';
import { useLoaded } from '../use-loaded.ts';
import '../filters/filter-bar.css';
import { TimeField } from '../filters/time-field.tsx';
import { addressOf, isFiltered, type JobFilter, without } from './job-filter.ts';
import { LabelField } from './label-field.tsx';

/** Which jobs are shown. All of it stands in the address, so that it can be shared and Back leads to what was shown before. */
export function FilterBar({ filter }: { filter: JobFilter }): JSX.Element {
  const { route } = useLocation();
  const services = useLoaded((signal) => api.services({ signal }), []);
  const known = services.value?.map(({ name, title }) => ({ name, title })) ?? [];
  const chosen = filter.service;
  const isUnknown = chosen !== undefined && !known.some(({ name }) => name === chosen);
  const states = useRef<HTMLElement>(null);
  useEffect(() => {
    // On a phone not all have room.
    states.current?.querySelector('[aria-current]')?.scrollIntoView({ inline: 'nearest', block: 'nearest' });
  }, [filter.state]);
  const go = (next: JobFilter) => route(addressOf(next));

  return (
    <search class="filter-bar">
      <nav class="filter-bar-states" aria-label="State" ref={states}>
        {[undefined, ...jobStates].map((state) => (
          <a
            key={state}
            class="filter-bar-state"
            href={addressOf({ ...without(filter, 'state'), ...(state !== undefined && { state }) })}
            aria-current={filter.state === state ? 'true' : undefined}
          >
            {state === undefined ? 'All' : stateWords[state]}
          </a>
        ))}
      </nav>
      <div class="filter-bar-fields">
        <label class="filter-bar-field">
          <span>Service</span>
          <select
            class="filter-bar-input"
            value={chosen ?? ''}
            onChange={({ currentTarget: { value } }) =>
              go({ ...without(filter, 'service'), ...(value !== '' && { service: value }) })
            }
          >
            <option value="">All services</option>
            {isUnknown && <option value={chosen}>{chosen}</option>}
            {known.map(({ name, title }) => (
              <option key={name} value={name}>
                {title}
              </option>
            ))}
          </select>
        </label>
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
