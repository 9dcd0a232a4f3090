import type { JSX } from 'preact';
import './choice.css';
import { wordFor } from './word-for.ts';

interface ChoiceProps {
  readonly id: string;
  readonly values: readonly string[];
  readonly value: string;
  onChange(value: string): void;
}

/** One of few, all in sight (a group of radio buttons that looks like one bar). */
export function Choice({ id, values, value, onChange }: ChoiceProps): JSX.Element {
  return (
    <div class="choice">
      {values.map((each) => (
        <label key={each} class="choice-one">
          <input type="radio" name={id} value={each} checked={each === value} onChange={() => onChange(each)} />
          <span>{wordFor(each)}</span>
        </label>
      ))}
    </div>
  );
}
