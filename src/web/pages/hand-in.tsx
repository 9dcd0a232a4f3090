import type { JSX } from 'preact';
import { useTitle } from '../use-title.ts';

export function HandIn(): JSX.Element {
  useTitle('Hand in');
  return <h1>Hand in</h1>;
}
