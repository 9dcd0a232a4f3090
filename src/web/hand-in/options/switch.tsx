import type { JSX } from 'preact';
import { Prose } from '../../../ui/prose.tsx';
import { describedBy } from './field-frame.tsx';
import './switch.css';

interface SwitchProps {
  readonly id: string;
  readonly title: string;
  readonly help: string;
  readonly error: string | undefined;
  readonly on: boolean;
  onChange(on: boolean): void;
}

export function Switch({ id, title, help, error, on, onChange }: SwitchProps): JSX.Element {
  return (
    <label class="switch" for={id}>
      <input
        class="switch-input"
        id={id}
        type="checkbox"
        role="switch"
        aria-checked={on}
        aria-labelledby={`${id}-title`}
        aria-describedby={describedBy(id, help)}
        checked={on}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      <span class="switch-text">
        <span class="field-frame-title" id={`${id}-title`}>
          {title}
        </span>
        <span class="field-frame-error" id={`${id}-error`}>
          {error}
        </span>
        {help !== '' && (
          <span class="field-frame-help" id={`${id}-help`}>
            <Prose text={help} />
          </span>
        )}
      </span>
    </label>
  );
}
