import { Ban, RotateCw, Trash2, X } from 'lucide';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { ActionRequest } from '../../client/client.ts';
import { hasEnded } from '../../core/job.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { jobsText } from '../actions/action-words.ts';
import { deleteLater } from '../actions/delete-later.ts';
import { startAction } from '../actions/started-actions.ts';
import { actionFilter, type JobFilter, passes } from './job-filter.ts';
import type { ShownJob } from './shown-job.ts';
import type { Selection } from './use-selection.ts';

interface SelectionBarProps {
  readonly filter: JobFilter;
  /** What is shown on this page. */
  readonly jobs: readonly ShownJob[];
  readonly selection: Selection;
  /** Whether there are more jobs than those on this page. */
  readonly hasMore: boolean;
  /** How many jobs match the filter; null where that is not known. */
  readonly matching: number | null;
  onDone(): void;
}

/** What can be done with the chosen jobs. */
export function SelectionBar({ filter, jobs, selection, hasMore, matching, onDone }: SelectionBarProps): JSX.Element {
  const [asked, setAsked] = useState<'cancel' | 'retry' | null>(null);
  const chosen = jobs.filter(({ id }) => selection.ids.has(id));
  const { isAll } = selection;
  const count = isAll ? matching : chosen.length;
  const howMany = count === null ? 'all jobs that match' : jobsText(count);
  const canCancel = isAll ? filter.state === undefined || !hasEnded(filter.state) : chosen.some(({ state }) => !hasEnded(state));
  const canRetry = isAll
    ? filter.state === undefined || isRetryable(filter.state)
    : chosen.some(({ state }) => isRetryable(state));

  function target(): Pick<ActionRequest, 'ids' | 'filter'> {
    const newest = jobs[0]?.createdAt ?? new Date().toISOString();
    return isAll ? { filter: actionFilter(filter, newest) } : { ids: chosen.map(({ id }) => id) };
  }

  async function act(action: 'cancel' | 'retry'): Promise<void> {
    const request = { action, ...target() };
    selection.clear();
    await startAction(request, { expected: count });
    onDone();
  }

  function remove(): void {
    const request = { action: 'delete' as const, ...target() };
    const { ids, filter: wanted } = request;
    const gone = new Set(ids);
    deleteLater(
      {
        request,
        expected: count,
        hides: (job) => (wanted === undefined ? gone.has(job.id) : passes(wanted, job)),
        onOver: onDone,
      },
      `${count === null ? 'All jobs that match' : jobsText(count)} will be deleted, with files and results.`,
    );
    selection.clear();
  }

  return (
    <div class="selection-bar" role="toolbar" aria-label="Chosen jobs">
      <Button kind="quiet" icon={X} label="Choose none" onClick={selection.clear} />
      <span class="selection-bar-count" role="status">
        {isAll ? `All that match${count === null ? '' : ` (${jobsText(count)})`}` : `${jobsText(chosen.length)} chosen`}
      </span>
      {chosen.length < jobs.length && (
        <span class="selection-bar-page">
          <Button kind="quiet" label="Choose all on this page" onClick={() => selection.setAll(jobs.map(({ id }) => id))}>
            All on this page
          </Button>
        </span>
      )}
      {!isAll && hasMore && chosen.length === jobs.length && (
        <Button kind="quiet" label="Choose all that match" onClick={selection.matchAll}>
          All that match
        </Button>
      )}
      <span class="selection-bar-actions">
        <Button icon={Ban} disabled={!canCancel} onClick={() => (isAll ? setAsked('cancel') : void act('cancel'))}>
          Cancel
        </Button>
        <Button icon={RotateCw} disabled={!canRetry} onClick={() => (isAll ? setAsked('retry') : void act('retry'))}>
          Try again
        </Button>
        <Button kind="danger" icon={Trash2} onClick={remove}>
          Delete
        </Button>
      </span>
      <Confirm
        title={asked === 'cancel' ? `Cancel ${howMany}?` : `Try ${howMany} again?`}
        label={asked === 'cancel' ? 'Cancel them' : 'Try again'}
        kind={asked === 'cancel' ? 'danger' : 'main'}
        open={asked !== null}
        onYes={() => asked !== null && void act(asked)}
        onClose={() => setAsked(null)}
      >
        <p>
          {asked === 'cancel'
            ? 'Jobs that wait or run are stopped. They can be tried again later. Jobs that have ended stay as they are.'
            : 'Failed and canceled jobs are worked on again with the same file and options. The others stay as they are.'}
        </p>
      </Confirm>
    </div>
  );
}

function isRetryable(state: ShownJob['state']): boolean {
  return state === 'failed' || state === 'canceled';
}
