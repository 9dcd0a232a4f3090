import type { JSX } from 'preact';
import { useState } from 'preact/hooks';

const presets = [
  { name: 'hour', title: 'Last hour', ms: 3_600_000 },
  { name: 'day', title: 'Last 24 hours', ms: 86_400_000 },
  { name: 'week', title: 'Last 7 days', ms: 7 * 86_400_000 },
] as const;

/** RFC 3339; undefined: no bound. */
export interface TimeRange {
  readonly from: string | undefined;
  readonly until: string | undefined;
}

interface TimeFieldProps extends TimeRange {
  /** What happened then: "Created". */
  readonly title: string;
  onChange(range: TimeRange): void;
}

/** A range of time. The address holds times and no "last hour": whoever gets it sees the same. */
export function TimeField({ title, from, until, onChange }: TimeFieldProps): JSX.Element {
  const [preset, setPreset] = useState<{ name: string; from: string | undefined }>({ name: '', from: undefined });
  const isPreset = until === undefined && from !== undefined && from === preset.from;
  const hasTimes = from !== undefined || until !== undefined;
  const chosen = isPreset ? preset.name : hasTimes || preset.name === 'between' ? 'between' : '';

  function choose(name: string): void {
    const found = presets.find((each) => each.name === name);
    const start = found === undefined ? undefined : new Date(Date.now() - found.ms).toISOString();
    setPreset({ name, from: start });
    if (start !== undefined) onChange({ from: start, until: undefined });
    else if (name === '' && hasTimes) onChange({ from: undefined, until: undefined });
  }

  return (
    <>
      <label class="filter-bar-field">
        <span>{title}</span>
        <select class="filter-bar-input" value={chosen} onChange={({ currentTarget }) => choose(currentTarget.value)}>
          <option value="">Any time</option>
          {presets.map((each) => (
            <option key={each.name} value={each.name}>
              {each.title}
            </option>
          ))}
          <option value="between">Between two times</option>
        </select>
      </label>
      {chosen === 'between' && (
        <>
          <Moment title="From" at={from} onChange={(at) => onChange({ from: at, until })} />
          <Moment title="Until" at={until} onChange={(at) => onChange({ from, until: at })} />
        </>
      )}
    </>
  );
}

interface MomentProps {
  readonly title: string;
  readonly at: string | undefined;
  onChange(at: string | undefined): void;
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
        onChange={({ currentTarget: { value } }) => onChange(value === '' ? undefined : new Date(value).toISOString())}
      />
    </label>
  );
}

function localTime(at: string | undefined): string {
  const time = new Date(at ?? Number.NaN);
  if (Number.isNaN(time.getTime())) return '';
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
