import { RotateCcw } from 'lucide';
import type { JSX } from 'preact';
import type { Json } from '../../../core/json.ts';
import { Button } from '../../../ui/button.tsx';
import type { Field } from './fields.ts';
import { OptionField } from './option-field.tsx';
import './options-form.css';
import type { FieldErrors, Values } from './values.ts';

interface OptionsFormProps {
  readonly fields: readonly Field[];
  readonly values: Values;
  readonly errors: FieldErrors;
  /** Whether something is not as the service has it by itself. */
  readonly changed: boolean;
  onChange(name: string, value: Json): void;
  onReset(): void;
}

/** The options of a service, in the order of its contract; what few need is folded away. */
export function OptionsForm({ fields, values, errors, changed, onChange, onReset }: OptionsFormProps): JSX.Element {
  const show = (field: Field): JSX.Element => (
    <OptionField
      key={field.name}
      field={field}
      value={values[field.name] ?? null}
      errors={errors}
      onChange={(value) => onChange(field.name, value)}
    />
  );
  const advanced = fields.filter((field) => field.advanced);
  const hasErrorInside = advanced.some(({ name }) => [...errors.keys()].some((place) => place.split('/')[0] === name));
  return (
    <div class="options-form">
      {fields.filter((field) => !field.advanced).map(show)}
      {advanced.length > 0 && (
        <details class="options-form-more" open={hasErrorInside || undefined}>
          <summary>More options</summary>
          <div class="options-form">{advanced.map(show)}</div>
        </details>
      )}
      <div class="options-form-reset">
        <Button kind="quiet" icon={RotateCcw} disabled={!changed} onClick={onReset}>
          Reset
        </Button>
      </div>
    </div>
  );
}
