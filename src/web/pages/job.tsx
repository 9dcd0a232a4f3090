import { SearchX, Trash2 } from 'lucide';
import type { JSX } from 'preact';
import { useRoute } from 'preact-iso';
import { ProblemError } from '../../client/client.ts';
import { Button } from '../../ui/button.tsx';
import { Empty } from '../../ui/empty.tsx';
import type { IconNode } from '../../ui/icon.tsx';
import { ErrorNotice } from '../../ui/notice.tsx';
import { api } from '../api.ts';
import { JobFacts } from '../job/job-facts.tsx';
import { JobHead } from '../job/job-head.tsx';
import { jobName } from '../job/job-name.ts';
import { JobNotices } from '../job/job-notices.tsx';
import { JobProgress } from '../job/job-progress.tsx';
import { JobTabs } from '../job/job-tabs.tsx';
import { useJob } from '../job/use-job.ts';
import { useLoaded } from '../use-loaded.ts';
import { useTitle } from '../use-title.ts';
import './job.css';

export function Job(): JSX.Element {
  const { id = '' } = useRoute().params;
  return <JobOf key={id} id={id} />;
}

function JobOf({ id }: { id: string }): JSX.Element {
  const { job, error, isRemoved, set, reload } = useJob(id);
  const services = useLoaded((signal) => api.services({ signal }), []);
  useTitle(job === null ? 'Job' : jobName(job));
  if (isRemoved) return <Gone />;
  if (job === null) return error === null ? <JobSkeleton /> : <LoadError error={error} retry={reload} />;
  const service = services.value?.find(({ name }) => name === job.service) ?? null;
  return (
    <div class="job">
      <JobHead job={job} service={service} onChange={set} />
      <JobProgress job={job} />
      <JobNotices job={job} />
      <JobTabs job={job} />
      <JobFacts job={job} service={service} />
    </div>
  );
}

function Gone(): JSX.Element {
  return (
    <NoJob icon={Trash2} title="This job was deleted">
      Its file and its result are gone, too.
    </NoJob>
  );
}

function LoadError({ error, retry }: { error: unknown; retry(): void }): JSX.Element {
  // An address that was cut or mistyped is no id at all, which the server says in another way.
  if (!(error instanceof ProblemError) || ![400, 404, 422].includes(error.status)) {
    return (
      <ErrorNotice error={error}>
        <Button onClick={retry}>Load again</Button>
      </ErrorNotice>
    );
  }
  return (
    <NoJob icon={SearchX} title="There is no such job">
      It was deleted, its time has passed, or the address is not complete.
    </NoJob>
  );
}

function NoJob({ icon, title, children }: { icon: IconNode; title: string; children: string }): JSX.Element {
  return (
    <>
      <h1 class="unseen">Job</h1>
      <Empty icon={icon} title={title}>
        <p>{children}</p>
        <a href="/jobs">All jobs</a>
      </Empty>
    </>
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
