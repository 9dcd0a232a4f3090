import type { JSX } from 'preact';
import { useId } from 'preact/hooks';
import type { Json, JsonObject } from '../../../core/json.ts';
import { CheckBoxes } from './check-boxes.tsx';
import { Choice } from './choice.tsx';
import { describedBy, FieldFrame } from './field-frame.tsx';
import type { Field } from './fields.ts';
import { Languages } from './languages.tsx';
import { Rows } from './rows.tsx';
import { Switch } from './switch.tsx';
import { type FieldErrors, isObject } from './values.ts';
import { wordFor } from './word-for.ts';

interface OptionFieldProps {
  readonly field: Field;
  readonly value: Json;
  readonly errors: FieldErrors;
  onChange(value: Json): void;
}

/** As many choices are shown side by side; more are a list that opens. */
const sideBySideMax = 6;

/** One option, in the way that suits its kind. */
export function OptionField({ field, value, errors, onChange }: OptionFieldProps): JSX.Element {
  const id = useId();
  const error = errorOf(field, errors);
  const frame = { id, title: field.title, help: field.help, error };
  const described = describedBy(id, field.help);
  switch (field.kind) {
    case 'switch':
      return <Switch {...frame} on={value === true} onChange={onChange} />;
    case 'choice':
      return field.values.length <= sideBySideMax ? (
        <FieldFrame {...frame} group>
          <Choice id={id} values={field.values} value={String(value)} onChange={onChange} />
        </FieldFrame>
      ) : (
        <FieldFrame {...frame}>
          <select
            class="field-input"
            id={id}
            aria-describedby={described}
            value={String(value)}
            onChange={(event) => onChange(event.currentTarget.value)}
          >
            {field.values.map((each) => (
              <option key={each} value={each}>
                {wordFor(each)}
              </option>
            ))}
          </select>
        </FieldFrame>
      );
    case 'several':
      return (
        <FieldFrame {...frame} group>
          <CheckBoxes values={field.values} chosen={textsOf(value)} onChange={onChange} />
        </FieldFrame>
      );
    case 'languages':
      return (
        <FieldFrame {...frame} group>
          <Languages
            id={id}
            title={field.title}
            values={field.values}
            most={field.most}
            chosen={textsOf(value)}
            describedBy={described}
            onChange={onChange}
          />
        </FieldFrame>
      );
    case 'rows':
      return (
        <FieldFrame {...frame} group>
          <Rows id={id} field={field} rows={rowsOf(value)} errors={errors} onChange={onChange} />
        </FieldFrame>
      );
    case 'number':
      return (
        <FieldFrame {...frame}>
          <input
            class="field-input"
            id={id}
            type="number"
            inputMode="numeric"
            min={field.least ?? undefined}
            max={field.most ?? undefined}
            step={field.whole ? 1 : 'any'}
            placeholder={field.fallback === null ? undefined : String(field.fallback)}
            aria-invalid={error !== undefined}
            aria-describedby={described}
            value={value === null ? '' : String(value)}
            onInput={({ currentTarget: { value: text } }) => onChange(text === '' ? null : Number(text))}
          />
        </FieldFrame>
      );
    case 'text':
      return (
        <FieldFrame {...frame}>
          <input
            class="field-input"
            id={id}
            type="text"
            autocomplete="off"
            placeholder={field.example === null ? undefined : `Such as ${field.example}`}
            aria-invalid={error !== undefined}
            aria-describedby={described}
            value={value === null ? '' : String(value)}
            onInput={(event) => onChange(event.currentTarget.value)}
          />
        </FieldFrame>
      );
  }
}

/** What is wrong with the field, or with an entry of its list; rows tell the latter themselves. */
function errorOf(field: Field, errors: FieldErrors): string | undefined {
  const own = errors.get(field.name);
  if (own !== undefined || field.kind === 'rows') return own;
  return [...errors].find(([place]) => place.startsWith(`${field.name}/`))?.[1];
}

function textsOf(value: Json): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

function rowsOf(value: Json): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
