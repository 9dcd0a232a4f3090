import type { JSX } from 'preact';
import { LinkButton } from '../../ui/button.tsx';
import { addressOf, type JobFilter } from './job-filter.ts';

/** Which cursor led to which: the server's lists only go on. Undefined: the first page. */
const before = new Map<string, string | undefined>();
const beforeMax = 10_000;

interface PagerProps {
  readonly filter: JobFilter;
  readonly cursor: string | undefined;
  readonly nextCursor: string | null;
}

/** To newer and older jobs, by links that can be shared. */
export function Pager({ filter, cursor, nextCursor }: PagerProps): JSX.Element | null {
  if (nextCursor !== null && before.size < beforeMax) before.set(nextCursor, cursor);
  if (cursor === undefined && nextCursor === null) return null;
  return (
    <nav class="jobs-list-foot" aria-label="Pages of the list">
      {cursor !== undefined && <LinkButton href={addressOf(filter)}>Newest</LinkButton>}
      {cursor !== undefined && before.has(cursor) && <LinkButton href={addressOf(filter, before.get(cursor))}>Newer</LinkButton>}
      {nextCursor !== null && <LinkButton href={addressOf(filter, nextCursor)}>Older</LinkButton>}
    </nav>
  );
}
