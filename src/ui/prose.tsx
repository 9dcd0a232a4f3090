import type { JSX } from 'preact';

/** A sentence of the server, in which names of options and settings stand between backticks. */
export function Prose({ text }: { text: string }): JSX.Element {
  const parts = text.split('`');
  return <>{parts.map((part, at) => (at % 2 === 1 && at < parts.length - 1 ? <code key={at}>{part}</code> : part))}</>;
}
