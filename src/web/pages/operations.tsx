import type { JSX } from 'preact';
import { useTitle } from '../use-title.ts';

export function Operations(): JSX.Element {
  useTitle('Operations');
  return <h1>Operations</h1>;
}
