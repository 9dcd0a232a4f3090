import type { JSX } from 'preact';
import './filter-bar.css';

interface FilterSelectProps {
  readonly title: string;
  /** What it says where nothing is chosen. */
  readonly all: string;
  readonly options: readonly { readonly value: string; readonly title: string }[];
  readonly chosen: string | undefined;
  onChoose(value: string | undefined): void;
}

/** One of many, or all. What an address names is offered although nobody knows it. */
export function FilterSelect({ title, all, options, chosen, onChoose }: FilterSelectProps): JSX.Element {
  const isUnknown = chosen !== undefined && !options.some(({ value }) => value === chosen);
  return (
    <label class="filter-bar-field">
      <span>{title}</span>
      <select
        class="filter-bar-input"
        value={chosen ?? ''}
        onChange={({ currentTarget: { value } }) => onChoose(value === '' ? undefined : value)}
      >
        <option value="">{all}</option>
        {isUnknown && <option value={chosen}>{chosen}</option>}
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.title}
          </option>
        ))}
      </select>
    </label>
  );
}
