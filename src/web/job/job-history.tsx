import type { JSX } from 'preact';
import { ErrorNotice } from '../../ui/notice.tsx';
import { api } from '../api.ts';
import { useLive } from '../live.ts';
import { useLoaded } from '../use-loaded.ts';
import { HistoryStep } from './history-step.tsx';
import './job-history.css';
import { timeline } from './timeline.ts';
import { useReconnected } from './use-job.ts';

/** What has happened to the job, and goes on happening. */
export function JobHistory({ id }: { id: string }): JSX.Element {
  const { value, error, reload } = useLoaded((signal) => api.history(id, { signal }), [id]);
  useLive((events) => {
    if (events.some((event) => event.type === 'resync' || (event.job === id && 'id' in event))) reload();
  });
  useReconnected(reload);
  if (value === null) return error === null ? <div class="job-history-skeleton" /> : <ErrorNotice error={error} />;
  return (
    <ol class="job-history" aria-label="What happened">
      {timeline(value).map((step) => (
        <HistoryStep key={step.kind === 'attempt' ? step.started.id : step.event.id} step={step} />
      ))}
    </ol>
  );
}
