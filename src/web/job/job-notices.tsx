import type { JSX } from 'preact';
import type { JobView } from '../../client/client.ts';
import { Notice } from '../../ui/notice.tsx';
import { Prose } from '../../ui/prose.tsx';
import { connection } from '../live.ts';

/** What has to be said about the job: why it failed, that it was canceled, where its result came from, that nothing is heard. */
export function JobNotices({ job }: { job: JobView }): JSX.Element {
  return (
    <>
      {connection.value === 'lost' && (
        <Notice kind="warn" title="The connection to the server is lost">
          <span>
            This page connects again by itself and then shows what has happened meanwhile. The job is safe on the server.
          </span>
        </Notice>
      )}
      {job.error !== null && <Failure job={job} error={job.error} />}
      {job.state === 'canceled' && (
        <Notice title="The job was canceled">
          <span>It has no result. Its file is still there: “Try again” runs it once more.</span>
        </Notice>
      )}
      {job.reusedFrom !== null && job.state === 'succeeded' && (
        <Notice title="This result was known already">
          <span>
            The same file was worked on with the same options before, so that result was taken instead of doing the work again. It
            first came from <a href={`/jobs/${job.reusedFrom}`}>an earlier job</a>.
          </span>
        </Notice>
      )}
    </>
  );
}

function Failure({ job, error }: { job: JobView; error: NonNullable<JobView['error']> }): JSX.Element {
  return (
    <Notice kind="bad" title={error.title}>
      <span>
        <Prose text={error.detail} />
      </span>
      <span>
        {error.retryable
          ? 'This may pass: “Try again” runs the job once more on the same file.'
          : 'Trying again with the same file and options will most likely end the same way.'}{' '}
        {job.result !== undefined && 'What was done before it failed is shown below.'}
      </span>
      <a href={error.type}>What this means, and what to do</a>
    </Notice>
  );
}
