import type { JobPage, JobView } from '../contracts/job.ts';
import type { JobEventList } from '../contracts/job-events.ts';
import { fromTheStart } from '../core/live.ts';
import type { JobsEvent } from './jobs-event.ts';
import { ProblemError } from './problem-error.ts';
import { type Connection, pause, readJson, send } from './send.ts';

const everyMs = 2_000;
const newestMax = 100;

/**
 * What happens to jobs, by asking again and again: for networks that carry neither WebSockets nor event streams. Of "all" it
 * sees the 100 newest. Never ends by itself; throws `ProblemError`, `ConnectionError`, or the reason of the signal.
 */
export async function* pollJobs(
  connection: Connection,
  jobs: () => readonly string[] | 'all',
  since: string | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<JobsEvent, void, undefined> {
  const get = <T>(path: string): Promise<T> =>
    send<T>(connection, { method: 'GET', path, repeatable: true, timeoutMs: 30_000, signal }, readJson);
  const looks = new Map<string, string>();
  const last = new Map<string, string>();
  /** Without `since` what is there at the first look is no news of "all". */
  let news = since !== undefined || jobs() !== 'all';

  async function* tell(job: JobView): AsyncGenerator<JobsEvent, void, undefined> {
    const look = `${job.state} ${job.attempt} ${job.progress?.fraction} ${job.progress?.message}`;
    if (looks.get(job.id) === look) return;
    looks.set(job.id, look);
    if (!news) return;
    const after = last.get(job.id) ?? (since === fromTheStart ? undefined : since);
    const { items } = await get<JobEventList>(`/v1/jobs/${job.id}/events${after === undefined ? '' : `?after=${after}`}`);
    for (const event of items) {
      last.set(job.id, event.id);
      yield event;
    }
    if (job.state === 'running' && job.progress !== null) yield { type: 'job.progress', job: job.id, data: job.progress };
  }

  for (;;) {
    const wanted = jobs();
    if (wanted === 'all') {
      const { items } = await get<JobPage>(`/v1/jobs?limit=${newestMax}`);
      for (const job of items.reverse()) yield* tell(job);
      for (const id of looks.keys()) if (!items.some((job) => job.id === id)) looks.delete(id);
      news = true;
    } else {
      for (const id of wanted) {
        const job = await get<JobView>(`/v1/jobs/${encodeURIComponent(id)}`).catch((error: unknown) => {
          if (error instanceof ProblemError && error.status === 404 && looks.has(id)) return null;
          throw error;
        });
        if (job === null) yield { type: 'job.removed', job: id };
        else yield* tell(job);
      }
    }
    await pause(everyMs, signal);
  }
}
