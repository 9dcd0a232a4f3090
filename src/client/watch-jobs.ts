import type { LiveCloudEvent } from '../contracts/live.ts';
import { fromTheStart } from '../core/live.ts';
import type { JobsEvent } from './jobs-event.ts';
import { type ConnectionState, liveEvents, type Resync } from './live-events.ts';
import { isOfTheWay } from './live-failures.ts';
import { merged } from './merged.ts';
import { pollJobs } from './poll-jobs.ts';
import { ProblemError } from './problem-error.ts';
import type { Connection } from './send.ts';

export interface WatchJobsOptions {
  /** Begin behind this event. Else: given jobs from the beginning of their history, all jobs from now on. */
  readonly since?: string;
  readonly signal?: AbortSignal | undefined;
  /** Told whenever the way by which events come changes. */
  readonly onConnection?: ((state: ConnectionState) => void) | undefined;
}

/** As many topics as the server takes on one socket. */
export const watchedJobsMax = 100;
/** Browsers have six connections to a server at most; more jobs than this are polled. */
const streamsMax = 4;
const knownIdsMax = 10_000;
const endings = new Set(['job.succeeded', 'job.failed', 'job.canceled', 'job.removed']);

/**
 * What happens to these jobs until all have ended, or to all jobs until it is left: over a WebSocket, where none opens over
 * event streams, where those do not work by polling. Lost connections are taken up behind the last event: none is missed or
 * told twice. Throws `RangeError` for more than 100 jobs, `ProblemError`, `ConnectionError`, or the reason of the signal.
 */
export async function* watchJobs(
  connection: Connection,
  jobs: readonly string[] | 'all',
  options: WatchJobsOptions = {},
): AsyncGenerator<JobsEvent, void, undefined> {
  if (jobs.length > watchedJobsMax)
    throw new RangeError(`At most ${watchedJobsMax} jobs can be watched by their ids; watch "all".`);
  const watched = new WatchedJobs(jobs, options.since);
  if (watched.done) return;
  for await (const event of socketEvents(connection, watched, options)) if (watched.isNews(event)) yield event;
  if (watched.done) return;
  for (const events of [streamEvents, polledEvents]) {
    options.onConnection?.(events === polledEvents ? 'polling' : 'live');
    try {
      for await (const event of events(connection, watched, options.signal)) {
        if (watched.isNews(event)) yield event;
        if (watched.done) return;
      }
      if (watched.done) return;
    } catch (error) {
      if (events === polledEvents || !isOfTheWay(error)) throw error;
    }
  }
}

/** Which jobs are still to be watched, and what has been told of them. */
class WatchedJobs {
  /** Behind it nothing has been told. */
  since: string | undefined;
  /** While the past is being told, a job that has ended may yet start again. */
  caughtUp = true;
  readonly #jobs: Set<string> | null;
  readonly #ended = new Set<string>();
  readonly #known = new Set<string>();
  readonly #heardOf = new Set<string>();

  constructor(jobs: readonly string[] | 'all', since: string | undefined) {
    this.#jobs = jobs === 'all' ? null : new Set(jobs.map((id) => id.toLowerCase()));
    this.since = since ?? (jobs === 'all' ? undefined : fromTheStart);
  }

  get jobs(): readonly string[] | 'all' {
    return this.#jobs === null ? 'all' : [...this.#jobs];
  }

  get topics(): string[] {
    return this.#jobs === null ? ['jobs'] : [...this.#jobs].map((id) => `job:${id}`);
  }

  get done(): boolean {
    return this.caughtUp && this.#jobs !== null && this.#ended.size >= this.#jobs.size;
  }

  /** False for what was told before. */
  isNews(event: JobsEvent): boolean {
    if (event.type === 'resync') return true;
    if ('id' in event) {
      if (this.#known.has(event.id)) return false;
      this.#known.add(event.id);
      const [oldest] = this.#known;
      if (this.#known.size > knownIdsMax && oldest !== undefined) this.#known.delete(oldest);
    }
    if (this.#jobs === null) return true;
    this.#heardOf.add(event.job);
    if (event.type === 'job.removed') {
      this.#jobs.delete(event.job);
      this.#ended.delete(event.job);
    } else if (endings.has(event.type)) this.#ended.add(event.job);
    else if (event.type !== 'job.progress') this.#ended.delete(event.job);
    return true;
  }

  /** The job at which a subscription failed, if it was there once; null where that is an error. */
  vanished(error: ProblemError): string | null {
    const index = /^#\/topics\/(\d+)$/.exec(error.errors[0]?.pointer ?? '')?.[1];
    const job = index === undefined ? undefined : this.topics[Number(index)]?.slice('job:'.length);
    return error.status === 404 && job !== undefined && this.#heardOf.has(job) ? job : null;
  }
}

/** Events over WebSockets until all jobs have ended; returns early where no WebSocket opens although the server answers. */
async function* socketEvents(
  connection: Connection,
  watched: WatchedJobs,
  options: WatchJobsOptions,
): AsyncGenerator<JobsEvent, void, undefined> {
  const wanted = () => {
    watched.caughtUp = false;
    return { topics: watched.topics };
  };
  for (;;) {
    try {
      for await (const told of liveEvents(connection, watched, wanted, options)) {
        const event = told === 'caught-up' ? null : jobsEventOf(told);
        if (told === 'caught-up') watched.caughtUp = true;
        if (event !== null) yield event;
        if (watched.done) return;
      }
      watched.caughtUp = true;
      return;
    } catch (error) {
      const vanished = error instanceof ProblemError ? watched.vanished(error) : null;
      if (vanished === null) throw error;
      yield { type: 'job.removed', job: vanished };
      watched.caughtUp = true;
      if (watched.done) return;
    }
  }
}

async function* streamEvents(connection: Connection, watched: WatchedJobs, signal: AbortSignal | undefined) {
  const { jobs, since } = watched;
  if (jobs === 'all' || jobs.length > streamsMax) return;
  const { watch } = await import('./watch.ts');
  const after = since === undefined || since === fromTheStart ? {} : { after: since };
  // Each ends when its job has: a job that fails is over only when its stream says so.
  watched.caughtUp = false;
  yield* merged(jobs.map((id) => untilRemoved(id, watch(connection, id, { ...after, signal }))));
  watched.caughtUp = true;
}

async function* untilRemoved(job: string, events: AsyncIterable<JobsEvent>): AsyncGenerator<JobsEvent, void, undefined> {
  let heard = false;
  try {
    for await (const event of events) {
      heard = true;
      yield event;
    }
  } catch (error) {
    if (!(heard && error instanceof ProblemError && error.status === 404)) throw error;
    yield { type: 'job.removed', job };
  }
}

async function* polledEvents(connection: Connection, watched: WatchedJobs, signal: AbortSignal | undefined) {
  watched.caughtUp = true;
  yield* pollJobs(connection, () => watched.jobs, watched.since, signal);
}

/** Null for what has nothing to do with jobs, or is of a kind that a later server may have added. */
function jobsEventOf(event: LiveCloudEvent | Resync): JobsEvent | null {
  switch (event.type) {
    case 'resync':
      return event;
    case 'queues.changed':
    case 'beer.poured':
    case 'beer.deleted':
    case 'taps.report':
    case 'taps.changed':
      return null;
  }
  const { type, subject: job } = event;
  if (type === 'job.removed') return { type, job };
  if (type === 'job.progress') return { type, job, data: { fraction: event.data.fraction, message: event.data.message } };
  return { id: event.id, type, job, at: event.time, data: event.data };
}
