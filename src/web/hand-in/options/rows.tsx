import { Plus, Trash2 } from 'lucide';
import type { JSX } from 'preact';
import type { Json, JsonObject } from '../../../core/json.ts';
import { Button } from '../../../ui/button.tsx';
import { Prose } from '../../../ui/prose.tsx';
import type { Field } from './fields.ts';
import './rows.css';
import type { FieldErrors } from './values.ts';
import { wordFor } from './word-for.ts';

interface RowsProps {
  readonly id: string;
  readonly field: Extract<Field, { kind: 'rows' }>;
  readonly rows: readonly JsonObject[];
  readonly errors: FieldErrors;
  onChange(rows: JsonObject[]): void;
}

/** A list whose entries are lines of fields: lines can be added and removed, one always stays. */
export function Rows({ id, field, rows, errors, onChange }: RowsProps): JSX.Element {
  const set = (at: number, name: string, value: Json): void =>
    onChange(rows.map((row, each) => (each === at ? { ...row, [name]: value } : row)));
  const last = rows.at(-1);
  return (
    <div class="rows">
      {rows.map((row, at) => (
        // Lines have no name but their place.
        <div key={at} class="rows-line">
          {field.fields.map((cell) => (
            <Cell
              key={cell.name}
              id={`${id}-${at}-${cell.name}`}
              cell={cell}
              at={at}
              value={row[cell.name] ?? null}
              error={errors.get(`${field.name}/${at}/${cell.name}`) ?? errors.get(`${field.name}/${at}`)}
              onChange={(value) => set(at, cell.name, value)}
            />
          ))}
          <Button
            kind="quiet"
            icon={Trash2}
            label={`Remove line ${at + 1}`}
            disabled={rows.length === 1}
            onClick={() => onChange(rows.filter((_, each) => each !== at))}
          />
        </div>
      ))}
      {rows.length < field.most && (
        <Button icon={Plus} onClick={() => onChange([...rows, last ?? {}])}>
          Add one
        </Button>
      )}
      <details class="rows-help">
        <summary>What these mean</summary>
        <dl>
          {field.fields.map(({ name, title, help }) => (
            <div key={name}>
              <dt>{title}</dt>
              <dd>
                <Prose text={help} />
              </dd>
            </div>
          ))}
        </dl>
      </details>
    </div>
  );
}

interface CellProps {
  readonly id: string;
  readonly cell: Field;
  readonly at: number;
  readonly value: Json;
  readonly error: string | undefined;
  onChange(value: Json): void;
}

function Cell({ id, cell, at, value, error, onChange }: CellProps): JSX.Element {
  const shared = { id, class: 'field-input', 'aria-label': `${cell.title}, line ${at + 1}`, 'aria-describedby': `${id}-error` };
  const text = value === null ? '' : String(value);
  return (
    <div class="rows-cell">
      <label class="rows-label" for={id}>
        {cell.title}
      </label>
      {cell.kind === 'choice' ? (
        <select {...shared} value={String(value ?? cell.fallback)} onChange={(event) => onChange(event.currentTarget.value)}>
          {cell.values.map((each) => (
            <option key={each} value={each}>
              {wordFor(each)}
            </option>
          ))}
        </select>
      ) : cell.kind === 'number' ? (
        <input
          {...shared}
          type="number"
          inputMode="numeric"
          placeholder="Auto"
          aria-invalid={error !== undefined}
          value={text}
          onInput={({ currentTarget: { value: typed } }) => onChange(typed === '' ? null : Number(typed))}
        />
      ) : (
        <input
          {...shared}
          type="text"
          aria-invalid={error !== undefined}
          value={text}
          onInput={(event) => onChange(event.currentTarget.value)}
        />
      )}
      <p class="field-frame-error" id={`${id}-error`} aria-live="polite">
        {error}
      </p>
    </div>
  );
}
