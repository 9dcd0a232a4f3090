import type { JSX } from 'preact';
import type { JobView } from '../../client/client.ts';
import { formatAgo, formatCount, formatMoment, formatShare } from '../../ui/format.ts';
import { Elapsed, useNow } from '../../ui/moment.tsx';
import { ProgressBar } from '../../ui/progress-bar.tsx';
import './job-progress.css';

/** How far the job is while it waits and runs. */
export function JobProgress({ job }: { job: JobView }): JSX.Element | null {
  if (job.state === 'queued') return <Waiting job={job} />;
  if (job.state === 'running') return <Running job={job} />;
  return null;
}

function Waiting({ job }: { job: JobView }): JSX.Element {
  const now = useNow();
  const startsLater = Date.parse(job.runAt) > now;
  return (
    <section class="job-progress" aria-label="Progress">
      <div class="job-progress-line">
        <span class="job-progress-what">{placeOf(job)}</span>
        <span>
          Waiting for <Elapsed from={job.createdAt} to={null} />
        </span>
      </div>
      <ProgressBar label="How much is done" fraction={0} />
      <div class="job-progress-line">
        <span>{startsLater && `${job.attempt > 0 ? 'The next attempt' : 'It'} starts ${formatAgo(job.runAt, now)}`}</span>
        <Attempts job={job} />
      </div>
    </section>
  );
}

function Running({ job }: { job: JobView }): JSX.Element {
  const fraction = job.progress?.fraction ?? null;
  return (
    <section class="job-progress" aria-label="Progress">
      <div class="job-progress-line">
        <span class="job-progress-what">{job.progress?.message ?? 'Being worked on'}</span>
        {job.startedAt !== null && <Elapsed from={job.startedAt} to={null} />}
      </div>
      <ProgressBar label="How much is done" fraction={fraction} />
      <div class="job-progress-line">
        <span>{fraction !== null && formatShare(fraction)}</span>
        <Attempts job={job} />
      </div>
    </section>
  );
}

function Attempts({ job: { state, attempt, maxAttempts } }: { job: JobView }): JSX.Element {
  return <span>{attempt > 0 && `Attempt ${attempt} of ${maxAttempts}${state === 'queued' ? ' did not succeed' : ''}`}</span>;
}

function placeOf({ progress, queuePosition }: JobView): string {
  const place = queuePosition === 1 ? 'Next in the queue' : `Place ${formatCount(queuePosition ?? 0)} in the queue`;
  const parts = [inOurZone(progress?.message), queuePosition === null ? null : place].filter((part) => typeof part === 'string');
  return parts.length === 0 ? 'Waiting in the queue' : parts.join(' · ');
}

/** The server writes times in UTC, also within its sentences. */
function inOurZone(message: string | null | undefined): string | null {
  return message?.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, formatMoment) ?? null;
}
