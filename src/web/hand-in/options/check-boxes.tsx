import type { JSX } from 'preact';
import './check-boxes.css';
import { wordFor } from './word-for.ts';

interface CheckBoxesProps {
  readonly values: readonly string[];
  readonly chosen: readonly string[];
  onChange(chosen: string[]): void;
}

/** Several of few; they keep the order of `values`. */
export function CheckBoxes({ values, chosen, onChange }: CheckBoxesProps): JSX.Element {
  const toggle = (value: string): void =>
    onChange(values.filter((each) => (each === value ? !chosen.includes(each) : chosen.includes(each))));
  return (
    <div class="check-boxes">
      {values.map((each) => (
        <label key={each} class="check-box">
          <input type="checkbox" checked={chosen.includes(each)} onChange={() => toggle(each)} />
          {wordFor(each)}
        </label>
      ))}
    </div>
  );
}
