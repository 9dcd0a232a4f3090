import type { JSX } from 'preact';
import type { JobView } from '../../client/client.ts';
import { type Tab, Tabs } from '../../ui/tabs.tsx';
import { api } from '../api.ts';
import { useLoaded } from '../use-loaded.ts';
import { JobHistory } from './job-history.tsx';
import { JobJson } from './job-json.tsx';
import { JobResult } from './job-result.tsx';
import './job-tabs.css';

/** The result, the same as JSON, and what has happened. Until there is a result, the history comes first. */
export function JobTabs({ job }: { job: JobView }): JSX.Element {
  const isDone = job.state === 'succeeded';
  const loaded = useLoaded(async (signal) => (isDone ? { result: await api.result(job.id, { signal }) } : null), [isDone]);
  const known = loaded.value ?? (job.result === undefined ? null : { result: job.result });
  const history: Tab = { name: 'history', title: 'History', render: () => <JobHistory id={job.id} /> };
  const json: Tab = { name: 'json', title: 'JSON', render: () => <JobJson job={job} known={known} /> };
  const result: Tab = {
    name: 'result',
    title: 'Result',
    render: () => <JobResult job={job} known={known} error={loaded.error} retry={loaded.reload} />,
  };
  const tabs = isDone || known !== null ? [result, json, history] : [history, json];
  return (
    <div class="job-tabs">
      <Tabs label="What to look at" tabs={tabs} parameter="view" />
    </div>
  );
}
