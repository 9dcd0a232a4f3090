import type { Signal } from '@preact/signals';
import { Inbox, SearchX } from 'lucide';
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { Button, LinkButton } from '../../ui/button.tsx';
import { Empty } from '../../ui/empty.tsx';
import { formatCount } from '../../ui/format.ts';
import { ErrorNotice } from '../../ui/notice.tsx';
import { ActionProgress } from '../actions/action-progress.tsx';
import { deletions } from '../actions/delete-later.ts';
import { api } from '../api.ts';
import { isFiltered } from '../filters/filter.ts';
import { useLoaded } from '../use-loaded.ts';
import { addressOf, type JobFilter } from './job-filter.ts';
import { JobTable } from './job-table.tsx';
import './jobs-list.css';
import { newJobsMax } from './new-jobs.ts';
import { Pager } from './pager.tsx';
import { SelectionBar } from './selection-bar.tsx';
import type { ShownJob } from './shown-job.ts';
import { useJobKeys } from './use-job-keys.ts';
import { type JobPage, useJobPage } from './use-job-page.ts';
import { useMatchingCount } from './use-matching-count.ts';
import { useSelection } from './use-selection.ts';

interface JobsListProps {
  readonly filter: JobFilter;
  readonly cursor: string | undefined;
}

/** The jobs of one page of the list, and what can be done with them. */
export function JobsList({ filter, cursor }: JobsListProps): JSX.Element {
  const { route } = useLocation();
  const { page, error, isLoading, newJobs, reload } = useJobPage(filter, cursor);
  const matching = useMatchingCount(filter);
  const services = useLoaded((signal) => api.services({ signal }), []);
  const titles = Object.fromEntries(services.value?.map(({ name, title }) => [name, title]) ?? []);
  const rows = useVisible(page);
  const order = rows?.map((row) => row.peek().id) ?? [];
  const selection = useSelection(order, addressOf(filter, cursor));
  useJobKeys(selection);

  const showNew = () => {
    if (cursor === undefined) reload();
    else route(addressOf(filter));
  };
  const done = () => {
    matching.reload();
    reload();
  };

  if (error !== null) {
    return (
      <ErrorNotice error={error}>
        <Button onClick={reload}>Try again</Button>
        {(isFiltered(filter) || cursor !== undefined) && <a href="/jobs">Show all jobs</a>}
      </ErrorNotice>
    );
  }
  return (
    <div class="jobs-list">
      <ActionProgress />
      {page !== null && page.rows.size === 0 && cursor === undefined ? (
        <Nothing filter={filter} newJobs={newJobs} onShow={showNew} />
      ) : (
        <section class="jobs-list-panel" aria-label="Jobs">
          <div class="jobs-list-head">
            <ListState count={matching.count} newJobs={newJobs} onShow={showNew} />
            {selection.ids.size > 0 && (
              <SelectionBar
                filter={filter}
                jobs={rows?.map((row) => row.value) ?? []}
                selection={selection}
                hasMore={cursor !== undefined || (page !== null && page.nextCursor !== null)}
                matching={matching.count}
                onDone={done}
              />
            )}
          </div>
          <JobTable rows={rows} filter={filter} selection={selection} isLoading={isLoading} titles={titles} />
          {rows?.length === 0 && <p class="jobs-list-none">Nothing is left on this page.</p>}
        </section>
      )}
      {page !== null && <Pager filter={filter} cursor={page.cursor} nextCursor={page.nextCursor} />}
    </div>
  );
}

/** Rows that are going to be deleted are hidden at once, and do not come back when they have gone. */
function useVisible(page: JobPage['page']): Signal<ShownJob>[] | null {
  const hidden = useRef(new Set<string>());
  const waiting = deletions.value;
  if (page === null) return null;
  return [...page.rows.values()].filter((row) => {
    const job = row.peek();
    if (!waiting.some((deletion) => deletion.hides(job))) return !(job.isGone && hidden.current.has(job.id));
    hidden.current.add(job.id);
    return false;
  });
}

interface NewJobsProps {
  readonly newJobs: JobPage['newJobs'];
  onShow(): void;
}

function ListState({ count, newJobs, onShow }: NewJobsProps & { count: number | null }): JSX.Element {
  return (
    <div class="jobs-list-state">
      <span>{count === null ? 'Newest first' : `${formatCount(count)} in all, newest first`}</span>
      <NewJobsButton newJobs={newJobs} onShow={onShow} />
    </div>
  );
}

/** New jobs wait for a click: nothing moves under the finger. */
function NewJobsButton({ newJobs, onShow }: NewJobsProps): JSX.Element {
  const count = newJobs.value;
  const howMany = `${formatCount(count)}${count >= newJobsMax ? '+' : ''}`;
  return (
    <span aria-live="polite">
      {count > 0 && <Button onClick={onShow}>{count === 1 ? '1 new job: show' : `${howMany} new jobs: show`}</Button>}
    </span>
  );
}

function Nothing({ filter, newJobs, onShow }: NewJobsProps & { filter: JobFilter }): JSX.Element {
  if (isFiltered(filter)) {
    return (
      <Empty icon={SearchX} title="No job matches">
        <p>Jobs that have been deleted, or are past their time, are not found either.</p>
        <NewJobsButton newJobs={newJobs} onShow={onShow} />
        <LinkButton href="/jobs">Clear filters</LinkButton>
      </Empty>
    );
  }
  return (
    <Empty icon={Inbox} title="No jobs yet">
      <p>Hand in a file, and watch here how it is worked on.</p>
      <NewJobsButton newJobs={newJobs} onShow={onShow} />
      <LinkButton kind="main" href="/">
        Hand in a file
      </LinkButton>
    </Empty>
  );
}
