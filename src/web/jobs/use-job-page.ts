import { type Signal, signal } from '@preact/signals';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { JobsEvent } from '../../client/client.ts';
import { api } from '../api.ts';
import { connection, useLive } from '../live.ts';
import { addressOf, type JobFilter } from './job-filter.ts';
import { NewJobs } from './new-jobs.ts';
import { changedJob, type ShownJob } from './shown-job.ts';

const pageSize = 50;
/** With a filter by label the server is asked whether there are new jobs, no more often than this. */
const askMs = 2_000;
const askedMax = 100;

interface Page {
  /** Where it begins; undefined: with the newest. */
  readonly cursor: string | undefined;
  readonly rows: ReadonlyMap<string, Signal<ShownJob>>;
  readonly nextCursor: string | null;
}

export interface JobPage {
  /** Null until the first page has come; the page before stays while the next one is loaded. */
  readonly page: Page | null;
  readonly error: unknown;
  readonly isLoading: boolean;
  /** How many jobs there are that are not shown yet. */
  readonly newJobs: Signal<number>;
  reload(): void;
}

/** One page of the list, kept as events tell: each row is a signal of its own, so that an event draws one row anew. */
export function useJobPage(filter: JobFilter, cursor: string | undefined): JobPage {
  const key = addressOf(filter, cursor);
  const [turn, setTurn] = useState(0);
  const [state, setState] = useState<{ page: Page | null; error: unknown; isLoading: boolean }>({
    page: null,
    error: null,
    isLoading: true,
  });
  const newJobs = useMemo(() => new NewJobs(filter), [key, turn]);
  // What is told while a page is on its way may be newer than that page.
  const meanwhile = useRef<JobsEvent[] | null>([]);
  const asking = useRef<ReturnType<typeof setTimeout> | null>(null);

  function reload(): void {
    setTurn((count) => count + 1);
  }

  useEffect(() => {
    const controller = new AbortController();
    const { signal: stop } = controller;
    meanwhile.current = [];
    setState((before) => ({ ...before, error: null, isLoading: true }));
    api.list({ ...filter, limit: pageSize, ...(cursor !== undefined && { cursor }) }, { signal: stop }).then(
      ({ items, nextCursor }) => {
        if (stop.aborted) return;
        const rows = new Map(items.map((job) => [job.id, signal<ShownJob>({ ...job, isGone: false })]));
        change(rows, meanwhile.current ?? []);
        meanwhile.current = null;
        setState({ page: { cursor, rows, nextCursor }, error: null, isLoading: false });
      },
      (error: unknown) => {
        if (!stop.aborted) setState({ page: null, error, isLoading: false });
      },
    );
    return () => controller.abort();
  }, [key, turn]);

  // What happened between the reading of the page and the first sign of life of the connection was not told.
  const wasConnecting = useRef(connection.value === 'connecting');
  useEffect(() => {
    if (connection.value !== 'live') return;
    if (wasConnecting.current || state.error !== null) reload();
    wasConnecting.current = false;
  }, [connection.value]);

  useLive((events) => {
    if (events.some(({ type }) => type === 'resync')) reload();
    if (meanwhile.current !== null) meanwhile.current.push(...events);
    if (state.page === null || meanwhile.current !== null) return;
    const { rows, nextCursor } = state.page;
    change(rows, events);
    if (cursor !== undefined) return;
    const oldest = nextCursor === null ? null : ([...rows.keys()].at(-1) ?? null);
    newJobs.hear(events, (id) => rows.has(id), oldest);
    if (newJobs.isUnsure) asking.current ??= setTimeout(() => void ask(rows), askMs);
  });
  useEffect(
    () => () => {
      clearTimeout(asking.current ?? undefined);
      asking.current = null;
    },
    [newJobs],
  );

  async function ask(rows: Page['rows']): Promise<void> {
    asking.current = null;
    newJobs.isUnsure = false;
    try {
      const [newest] = rows.keys();
      const { items } = await api.list({ ...filter, limit: askedMax });
      newJobs.know(items.map(({ id }) => id).filter((id) => !rows.has(id) && (newest === undefined || id > newest)));
    } catch (error) {
      // It is asked again with the next event; that the connection is lost is shown above.
      console.warn(error);
    }
  }

  return { ...state, newJobs: newJobs.count, reload };
}

function change(rows: Page['rows'], events: readonly JobsEvent[]): void {
  for (const event of events) {
    const row = event.type === 'resync' ? undefined : rows.get(event.job);
    if (row !== undefined) row.value = changedJob(row.value, event);
  }
}
