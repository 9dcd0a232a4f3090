import type { JSX } from 'preact';
import type { JobView, ServiceView } from '../../client/client.ts';
import { hasEnded } from '../../core/job.ts';
import { CopyButton } from '../../ui/copy-button.tsx';
import { Ago, Elapsed } from '../../ui/moment.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { JobActions } from './job-actions.tsx';
import './job-head.css';
import { jobName } from './job-name.ts';

interface JobHeadProps {
  readonly job: JobView;
  /** Null while it is not known. */
  readonly service: ServiceView | null;
  onChange(job: JobView): void;
}

/** Which job it is, where it stands, and what can be done with it. */
export function JobHead({ job, service, onChange }: JobHeadProps): JSX.Element {
  return (
    <header class="job-head">
      <div class="job-head-text">
        <h1 class="job-head-name">{jobName(job)}</h1>
        <div class="job-head-line">
          <span role="status">
            <StateBadge state={job.state} />
          </span>
          <span>{service?.title ?? job.service}</span>
          <span>
            Handed in <Ago at={job.createdAt} />
          </span>
          {hasEnded(job.state) && job.startedAt !== null && (
            <span>
              Took <Elapsed from={job.startedAt} to={job.finishedAt} />
            </span>
          )}
        </div>
      </div>
      <div class="job-head-actions">
        <CopyButton label="Copy link" text={() => new URL(`/jobs/${job.id}`, location.href).href} />
        <JobActions job={job} onChange={onChange} />
      </div>
    </header>
  );
}
