import { X } from 'lucide';
import type { JSX } from 'preact';
import { Icon } from '../../../ui/icon.tsx';
import './languages.css';
import { languageName } from './word-for.ts';

interface LanguagesProps {
  readonly id: string;
  readonly title: string;
  readonly values: readonly string[];
  readonly chosen: readonly string[];
  readonly most: number;
  readonly describedBy: string;
  onChange(chosen: string[]): void;
}

/** The chosen languages, the most likely first, and those that can be added. */
export function Languages({ id, title, values, chosen, most, describedBy, onChange }: LanguagesProps): JSX.Element {
  const others = values
    .filter((code) => !chosen.includes(code))
    .map((code) => ({ code, name: languageName(code) }))
    .toSorted((one, other) => one.name.localeCompare(other.name));
  return (
    <div class="languages">
      <ul class="languages-chosen" aria-label={title}>
        {chosen.map((code) => (
          <li key={code}>
            <span title={code}>{languageName(code)}</span>
            {chosen.length > 1 && (
              <button
                type="button"
                aria-label={`Remove ${languageName(code)}`}
                onClick={() => onChange(chosen.filter((each) => each !== code))}
              >
                <Icon node={X} size={14} />
              </button>
            )}
          </li>
        ))}
      </ul>
      {others.length > 0 && chosen.length < most && (
        <select
          class="field-input"
          id={id}
          aria-label="Add a language"
          aria-describedby={describedBy}
          value=""
          onChange={(event) => {
            onChange([...chosen, event.currentTarget.value]);
            event.currentTarget.value = '';
          }}
        >
          <option value="">Add a language …</option>
          {others.map(({ code, name }) => (
            <option key={code} value={code}>
              {name}
            </option>
          ))}
        </select>
      )}
    </div>
  );
}
