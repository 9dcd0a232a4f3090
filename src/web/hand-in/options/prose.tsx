import type { JSX } from 'preact';

/** Text in which code stands in backticks. */
export function Prose({ text }: { text: string }): JSX.Element {
  // A text does not change its parts: their places are their keys.
  return <>{text.split('`').map((part, at) => (at % 2 === 1 ? <code key={at}>{part}</code> : part))}</>;
}
