import type { JSX } from 'preact';
import type { JobState } from '../core/job.ts';
import './state-badge.css';

export const stateWords: Readonly<Record<JobState, string>> = {
  queued: 'Waiting',
  running: 'Running',
  succeeded: 'Done',
  failed: 'Failed',
  canceled: 'Canceled',
};

export function StateBadge({ state }: { state: JobState }): JSX.Element {
  return <span class={`state-badge state-badge-${state}`}>{stateWords[state]}</span>;
}
