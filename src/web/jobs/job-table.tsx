import type { Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { JobRow } from './job-row.tsx';
import './job-table.css';
import type { JobFilter } from './job-filter.ts';
import type { ShownJob } from './shown-job.ts';
import type { Selection } from './use-selection.ts';

const skeletonRows = 12;

interface JobTableProps {
  /** Null until they have come. */
  readonly rows: readonly Signal<ShownJob>[] | null;
  readonly filter: JobFilter;
  readonly selection: Selection;
  readonly isLoading: boolean;
  readonly titles: Readonly<Record<string, string>>;
}

/** Jobs as a table, and as cards where there is no room for one. */
export function JobTable({ rows, filter, selection, isLoading, titles }: JobTableProps): JSX.Element {
  const ids = rows?.map((row) => row.peek().id) ?? [];
  const isAllChosen = ids.length > 0 && ids.every((id) => selection.ids.has(id));
  return (
    <table class={`job-table${isLoading && rows !== null ? ' job-table-loading' : ''}`} aria-busy={isLoading}>
      <caption class="unseen">Jobs, newest first</caption>
      <thead>
        <tr>
          <th class="job-row-check" scope="col">
            <label>
              <span class="unseen">Choose all on this page</span>
              <input
                type="checkbox"
                checked={isAllChosen}
                disabled={ids.length === 0}
                ref={(input) => {
                  if (input !== null) input.indeterminate = !isAllChosen && selection.ids.size > 0;
                }}
                onClick={() => selection.setAll(isAllChosen ? [] : ids)}
              />
            </label>
          </th>
          <th class="job-row-state" scope="col">
            State
          </th>
          <th class="job-row-name" scope="col">
            File
          </th>
          <th class="job-row-service" scope="col">
            Service
          </th>
          <th class="job-row-created" scope="col">
            Created
          </th>
          <th class="job-row-duration" scope="col">
            Took
          </th>
          <th class="job-row-attempt" scope="col">
            Attempts
          </th>
        </tr>
      </thead>
      <tbody>
        {rows === null
          ? Array.from({ length: skeletonRows }, (_, at) => <SkeletonRow key={at} />)
          : rows.map((row) => {
              const { id, service } = row.peek();
              return (
                <JobRow
                  key={id}
                  row={row}
                  filter={filter}
                  isSelected={selection.ids.has(id)}
                  serviceTitle={titles[service] ?? service}
                  onSelect={selection.toggle}
                />
              );
            })}
      </tbody>
    </table>
  );
}

function SkeletonRow(): JSX.Element {
  return (
    <tr class="job-row job-table-skeleton">
      <td colSpan={7}>
        <span />
      </td>
    </tr>
  );
}
