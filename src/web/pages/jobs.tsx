import type { JSX } from 'preact';
import { useTitle } from '../use-title.ts';

export function Jobs(): JSX.Element {
  useTitle('Jobs');
  return <h1>Jobs</h1>;
}
