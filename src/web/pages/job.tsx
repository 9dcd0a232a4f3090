import type { JSX } from 'preact';
import { useTitle } from '../use-title.ts';

export function Job(): JSX.Element {
  useTitle('Job');
  return <h1>Job</h1>;
}
