import { SearchX, Trash2 } from 'lucide';
import type { JSX } from 'preact';
import { useRoute } from 'preact-iso';
import { ProblemError } from '../../client/client.ts';
import { Empty } from '../../ui/empty.tsx';
import { ErrorNotice } from '../../ui/notice.tsx';
import { JobFacts } from '../job/job-facts.tsx';
import { JobHead } from '../job/job-head.tsx';
import { jobName } from '../job/job-name.ts';
import { JobNotices } from '../job/job-notices.tsx';
import { JobProgress } from '../job/job-progress.tsx';
import { JobTabs } from '../job/job-tabs.tsx';
import { useJob } from '../job/use-job.ts';
import { useTitle } from '../use-title.ts';
import './job.css';

export function Job(): JSX.Element {
  const { id = '' } = useRoute().params;
  return <JobOf key={id} id={id} />;
}

function JobOf({ id }: { id: string }): JSX.Element {
  const { job, error, isRemoved, set } = useJob(id);
  useTitle(job === null ? 'Job' : jobName(job));
  if (isRemoved) return <Gone />;
  if (job === null) return error === null ? <JobSkeleton /> : <NoJob error={error} />;
  return (
    <div class="job">
      <JobHead job={job} onChange={set} />
      <JobProgress job={job} />
      <JobNotices job={job} />
      <JobTabs job={job} />
      <JobFacts job={job} />
    </div>
  );
}

function Gone(): JSX.Element {
  return (
    <Empty icon={Trash2} title="This job was deleted">
      <p>Its file and its result are gone, too.</p>
      <a href="/jobs">All jobs</a>
    </Empty>
  );
}

function NoJob({ error }: { error: unknown }): JSX.Element {
  // An address that was cut or mistyped is no id at all, which the server says in another way.
  if (!(error instanceof ProblemError) || ![400, 404, 422].includes(error.status)) return <ErrorNotice error={error} />;
  return (
    <Empty icon={SearchX} title="There is no such job">
      <p>It was deleted, its time has passed, or the address is not complete.</p>
      <a href="/jobs">All jobs</a>
    </Empty>
  );
}

function JobSkeleton(): JSX.Element {
  return (
    <div class="job" aria-busy="true">
      <h1 class="unseen">Job</h1>
      <div class="job-skeleton job-skeleton-title" />
      <div class="job-skeleton job-skeleton-body" />
    </div>
  );
}
