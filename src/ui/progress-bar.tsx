import type { JSX } from 'preact';
import './progress-bar.css';

/** `fraction`: 0 to 1; null while it is not known. */
export function ProgressBar({ label, fraction }: { label: string; fraction: number | null }): JSX.Element {
  const percent = fraction === null ? undefined : Math.round(fraction * 100);
  return (
    <div
      class={`progress-bar${fraction === null ? ' progress-bar-unknown' : ''}`}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
    >
      <div class="progress-bar-done" style={percent === undefined ? undefined : { width: `${percent}%` }} />
    </div>
  );
}
