import { signal } from '@preact/signals';

/** What was last said to those who hear the page. */
export const said = signal('');

/** Reads out what has happened. The same words twice are two messages. */
export function announce(text: string): void {
  said.value = said.value === text ? `${text}\u00a0` : text;
}
