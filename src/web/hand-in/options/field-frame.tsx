import type { ComponentChildren, JSX } from 'preact';
import './field-frame.css';
import { Prose } from '../../../ui/prose.tsx';

interface FieldFrameProps {
  readonly id: string;
  readonly title: string;
  readonly help: string;
  readonly error: string | undefined;
  /** For a group of inputs: its title is no label of one of them. */
  readonly group?: boolean;
  readonly children: ComponentChildren;
}

/** What stands around an option: its name, what it means, and what is wrong with it. */
export function FieldFrame({ id, title, help, error, group = false, children }: FieldFrameProps): JSX.Element {
  const inside = (
    <>
      {children}
      <p class="field-frame-error" id={`${id}-error`} aria-live="polite">
        {error}
      </p>
      {help !== '' && (
        <p class="field-frame-help" id={`${id}-help`}>
          <Prose text={help} />
        </p>
      )}
    </>
  );
  if (group) {
    return (
      <fieldset class="field-frame" aria-describedby={describedBy(id, help)}>
        <legend class="field-frame-title">{title}</legend>
        {inside}
      </fieldset>
    );
  }
  return (
    <div class="field-frame">
      <label class="field-frame-title" for={id}>
        {title}
      </label>
      {inside}
    </div>
  );
}

/** The parts of the frame that explain an input. */
export function describedBy(id: string, help: string): string {
  return help === '' ? `${id}-error` : `${id}-error ${id}-help`;
}
