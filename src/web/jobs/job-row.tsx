import type { Signal } from '@preact/signals';
import type { JSX } from 'preact';
import type { JobState } from '../../core/job.ts';
import { Ago, Elapsed } from '../../ui/moment.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { jobName } from '../job/job-name.ts';
import { addressOf, type JobFilter } from './job-filter.ts';
import type { ShownJob } from './shown-job.ts';

interface JobRowProps {
  readonly row: Signal<ShownJob>;
  readonly filter: JobFilter;
  readonly isSelected: boolean;
  readonly serviceTitle: string;
  /** With shift, everything between this row and the one before. */
  onSelect(id: string, isRange: boolean): void;
}

/** One job of the list: the whole row leads to it. */
export function JobRow({ row, filter, isSelected, serviceTitle, onSelect }: JobRowProps): JSX.Element {
  const job = row.value;
  const name = jobName(job);
  return (
    <tr
      class={`job-row linked-row${isSelected ? ' job-row-selected' : ''}${job.isGone ? ' job-row-gone' : ''}`}
      data-job={job.id}
    >
      <td class="job-row-check">
        <label>
          <span class="unseen">Select {name}</span>
          <input
            type="checkbox"
            checked={isSelected}
            onClick={(event) => {
              onSelect(job.id, event.shiftKey);
            }}
          />
        </label>
      </td>
      <td class="job-row-state">
        {job.isGone ? <span class="job-row-quiet">Deleted</span> : <State state={job.state} fraction={job.progress?.fraction} />}
      </td>
      <td class="job-row-name">
        <a class="job-row-link row-link" href={`/jobs/${job.id}`} title={name}>
          {name}
        </a>
        <Labels job={job} filter={filter} />
      </td>
      <td class="job-row-service">{serviceTitle}</td>
      <td class="job-row-created">
        <Ago at={job.createdAt} />
      </td>
      <td class="job-row-duration">
        {job.startedAt === null || job.state === 'queued' ? '–' : <Elapsed from={job.startedAt} to={job.finishedAt} />}
      </td>
      <td class="job-row-attempt">
        {job.attempt}
        <span class="job-row-unit">{job.attempt === 1 ? ' attempt' : ' attempts'}</span>
      </td>
    </tr>
  );
}

function State({ state, fraction }: { state: JobState; fraction: number | null | undefined }): JSX.Element {
  return (
    <>
      <StateBadge state={state} />
      {state === 'running' && typeof fraction === 'number' && (
        <span class="job-row-fraction">{Math.floor(fraction * 100)}&nbsp;%</span>
      )}
    </>
  );
}

function Labels({ job, filter }: { job: ShownJob; filter: JobFilter }): JSX.Element | null {
  const labels = Object.entries(job.labels);
  if (labels.length === 0) return null;
  return (
    <span class="job-row-labels">
      {labels.map(([name, value]) => (
        <a
          key={name}
          class="job-row-label"
          href={addressOf({ ...filter, labels: { ...filter.labels, [name]: value } })}
          title={`Show jobs with ${name}=${value}`}
        >
          {name}={value}
        </a>
      ))}
    </span>
  );
}
