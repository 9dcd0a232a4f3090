import type { ActionView } from '../../client/client.ts';
import { formatCount } from '../../ui/format.ts';

const during = { cancel: 'Canceling', retry: 'Trying again', delete: 'Deleting' } as const;
const after = { cancel: 'canceled', retry: 'waiting again', delete: 'deleted' } as const;
const why = {
  cancel: 'had ended already',
  retry: 'could not be tried again: only failed and canceled ones can, while their files are kept',
  delete: 'could not be deleted',
} as const;

/** `12 jobs`, in words. */
export function jobsText(count: number): string {
  return count === 1 ? '1 job' : `${formatCount(count)} jobs`;
}

/** What is being done, and how far it is. */
export function progressText({ action, counts }: Pick<ActionView, 'action' | 'counts'>, expected: number | null): string {
  const soFar = formatCount(counts.done + counts.skipped);
  const all = expected === null ? '' : ` of ${formatCount(Math.max(expected, counts.done + counts.skipped))}`;
  return `${during[action]}: ${soFar}${all} jobs`;
}

/** What came of it. */
export function outcomeText({ action, counts }: Pick<ActionView, 'action' | 'counts'>): string {
  const skipped = counts.skipped === 0 ? '' : ` ${jobsText(counts.skipped)} ${why[action]}.`;
  const missing = counts.missing === 0 || action === 'delete' ? '' : ` ${jobsText(counts.missing)} had been deleted.`;
  return `${jobsText(counts.done)} ${after[action]}.${skipped}${missing}`;
}
