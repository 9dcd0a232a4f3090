import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { type JobFilter, without } from './job-filter.ts';

const presets = [
  { name: 'hour', title: 'Last hour', ms: 3_600_000 },
  { name: 'day', title: 'Last 24 hours', ms: 86_400_000 },
  { name: 'week', title: 'Last 7 days', ms: 7 * 86_400_000 },
] as const;

interface TimeFieldProps {
  readonly filter: JobFilter;
  onChange(filter: JobFilter): void;
}

/** When the jobs were created. The address holds times and no "last hour": whoever gets it sees the same jobs. */
export function TimeField({ filter, onChange }: TimeFieldProps): JSX.Element {
  const { createdAfter, createdBefore } = filter;
  const [preset, setPreset] = useState<{ name: string; after: string | undefined }>({ name: '', after: undefined });
  const isPreset = createdBefore === undefined && createdAfter !== undefined && createdAfter === preset.after;
  const hasTimes = createdAfter !== undefined || createdBefore !== undefined;
  const chosen = isPreset ? preset.name : hasTimes || preset.name === 'between' ? 'between' : '';
  const rest = without(filter, 'createdAfter', 'createdBefore');

  function choose(name: string): void {
    const found = presets.find((each) => each.name === name);
    const after = found === undefined ? undefined : new Date(Date.now() - found.ms).toISOString();
    setPreset({ name, after });
    if (after !== undefined) onChange({ ...rest, createdAfter: after });
    else if (name === '' && hasTimes) onChange(rest);
  }

  return (
    <>
      <label class="filter-bar-field">
        <span>Created</span>
        <select class="filter-bar-input" value={chosen} onChange={({ currentTarget }) => choose(currentTarget.value)}>
          <option value="">Any time</option>
          {presets.map(({ name, title }) => (
            <option key={name} value={name}>
              {title}
            </option>
          ))}
          <option value="between">Between two times</option>
        </select>
      </label>
      {chosen === 'between' && (
        <>
          <Moment
            title="From"
            at={createdAfter}
            onChange={(at) => onChange({ ...without(filter, 'createdAfter'), ...(at !== null && { createdAfter: at }) })}
          />
          <Moment
            title="Until"
            at={createdBefore}
            onChange={(at) => onChange({ ...without(filter, 'createdBefore'), ...(at !== null && { createdBefore: at }) })}
          />
        </>
      )}
    </>
  );
}

interface MomentProps {
  readonly title: string;
  readonly at: string | undefined;
  onChange(at: string | null): void;
}

/** A time in the zone of the reader, to the minute. */
function Moment({ title, at, onChange }: MomentProps): JSX.Element {
  return (
    <label class="filter-bar-field filter-bar-wide">
      <span>{title}</span>
      <input
        class="filter-bar-input"
        type="datetime-local"
        value={localTime(at)}
        onChange={({ currentTarget: { value } }) => onChange(value === '' ? null : new Date(value).toISOString())}
      />
    </label>
  );
}

function localTime(at: string | undefined): string {
  const time = new Date(at ?? Number.NaN);
  if (Number.isNaN(time.getTime())) return '';
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
