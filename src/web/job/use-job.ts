import { useEffect, useRef, useState } from 'preact/hooks';
import type { JobProgressEvent, JobsEvent, JobView } from '../../client/client.ts';
import { api } from '../api.ts';
import { connection, useLive } from '../live.ts';
import { useLoaded } from '../use-loaded.ts';

export interface ShownJob {
  readonly job: JobView | null;
  readonly error: unknown;
  /** It was there, and was deleted meanwhile. */
  readonly isRemoved: boolean;
  set(job: JobView): void;
  reload(): void;
}

/** Where a job stands in its queue changes without any event of its own. */
const queueMs = 1_500;

/** A job as it is now: it follows the live events, and is read anew after a lost connection. */
export function useJob(id: string): ShownJob {
  const { value: job, error, reload, set } = useLoaded((signal) => api.job(id, { signal }), [id]);
  const [isRemoved, setRemoved] = useState(false);
  useLive((events) => {
    const news = newsOf(events, id);
    if (news.isRemoved) setRemoved(true);
    else if (news.isChanged) reload();
    else if (news.progress !== null && job?.state === 'running') set({ ...job, progress: news.progress });
  });
  useReconnected(reload);
  const isQueued = job?.state === 'queued';
  useEffect(() => {
    if (!isQueued) return;
    const timer = setInterval(() => document.hidden || reload(), queueMs);
    return () => clearInterval(timer);
  }, [isQueued]);
  return { job, error, isRemoved, set, reload };
}

interface News {
  isRemoved: boolean;
  isChanged: boolean;
  /** The newest. */
  progress: JobProgressEvent['data'] | null;
}

function newsOf(events: readonly JobsEvent[], id: string): News {
  const news: News = { isRemoved: false, isChanged: false, progress: null };
  for (const event of events) {
    if (event.type === 'resync') news.isChanged = true;
    else if (event.job !== id) continue;
    else if (event.type === 'job.removed') news.isRemoved = true;
    else if (event.type === 'job.progress') news.progress = event.data;
    else news.isChanged = true;
  }
  return news;
}

/** What happened while nothing was heard is read anew. */
export function useReconnected(reload: () => void): void {
  const state = connection.value;
  const before = useRef(state);
  useEffect(() => {
    if (before.current !== state && state !== 'lost') reload();
    before.current = state;
  }, [state]);
}
