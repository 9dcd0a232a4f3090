import type { JSX } from 'preact';
import { ProgressBar } from '../../ui/progress-bar.tsx';
import './action-progress.css';
import { progressText } from './action-words.ts';
import { type StartedAction, startedActions } from './started-actions.ts';

/** How far the actions are that this page has begun. */
export function ActionProgress(): JSX.Element | null {
  if (startedActions.value.length === 0) return null;
  return (
    <ul class="action-progress" aria-label="Under way">
      {startedActions.value.map((action) => (
        <li key={action.view.id}>
          <span>{progressText(action.view, action.expected)}</span>
          <ProgressBar label="How far it is" fraction={fractionOf(action)} />
        </li>
      ))}
    </ul>
  );
}

function fractionOf({ view: { counts }, expected }: StartedAction): number | null {
  if (expected === null || expected === 0) return null;
  return Math.min(1, (counts.done + counts.skipped + counts.missing) / expected);
}
