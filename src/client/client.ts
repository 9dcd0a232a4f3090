import type { ActionRequest, ActionView } from '../contracts/action.ts';
import type { BatchAnswer, BatchEntry, BatchItem } from '../contracts/batch.ts';
import type { Beer, BeerPage, Pour, TapList, TapView } from '../contracts/beers.ts';
import type { JobPage, JobView } from '../contracts/job.ts';
import type { JobEventList, JobEventView } from '../contracts/job-events.ts';
import type {
  Health,
  QueueList,
  QueueView,
  ServiceList,
  ServiceView,
  StorageView,
  WorkerList,
  WorkerView,
} from '../contracts/operations.ts';
import type { StoredFileView } from '../contracts/stored-file.ts';
import type { GlassType } from '../core/beer.ts';
import { hasEnded, type JobState } from '../core/job.ts';
import type { JobsEvent } from './jobs-event.ts';
import { backoffMs, type Call, type Connection, pause, type RetryPolicy, readJson, readNothing, send } from './send.ts';
import { type SubmitRequest, submit, type UploadRequest, upload } from './submit.ts';
import type { WatchEvent, WatchOptions } from './watch.ts';
import type { BeersEvent, WatchBeersOptions } from './watch-beers.ts';
import { type WatchJobsOptions, watchJobs } from './watch-jobs.ts';

export type { ActionRequest, ActionView } from '../contracts/action.ts';
export type { BatchEntry, BatchItem } from '../contracts/batch.ts';
export type { Beer, BeerPage, Pour, TapReport, TapView } from '../contracts/beers.ts';
export type { JobPage, JobView } from '../contracts/job.ts';
export type { JobEventView, JobProgressEvent } from '../contracts/job-events.ts';
export type { QueueView, ServiceView, StorageView, WorkerView } from '../contracts/operations.ts';
export type { StoredFileView } from '../contracts/stored-file.ts';
export { ConnectionError } from './connection-error.ts';
export type { JobsEvent } from './jobs-event.ts';
export type { ConnectionState } from './live-events.ts';
export { ProblemError } from './problem-error.ts';
export type { RetryPolicy } from './send.ts';
export type { SubmitRequest, SubmitSource, UploadRequest } from './submit.ts';
export type { WatchEvent, WatchOptions } from './watch.ts';
export type { BeersEvent, WatchBeersOptions } from './watch-beers.ts';
export type { WatchJobsOptions } from './watch-jobs.ts';

/** The typed client of a Coatcheck server, for browsers and Node. Every call throws `ProblemError`, `ConnectionError`, or the reason of its signal. */
export interface Client {
  /** Hands in a job; durable when it resolves, and one job however often the connection breaks. */
  submit(request: SubmitRequest): Promise<JobView>;
  /** Hands in up to 10,000 jobs in one call: for each, in order, its id or what is wrong with it. Sent again after a lost connection. */
  submitMany(jobs: readonly BatchEntry[], options?: KeyedOptions): Promise<BatchItem[]>;
  /** Stores a file for later jobs, which name it as `{file: id}`. */
  upload(request: UploadRequest): Promise<StoredFileView>;
  job(id: string, options?: CallOptions): Promise<JobView>;
  /** The job once it has ended, whichever way. Ends with the reason of the signal if that comes first. */
  wait(id: string, options?: CallOptions): Promise<JobView>;
  /** What has happened to a job so far, oldest first. */
  history(id: string, options?: CallOptions): Promise<JobEventView[]>;
  /** The history of a job and then what happens, until it has ended; survives lost connections. */
  watch(id: string, options?: WatchOptions): AsyncGenerator<WatchEvent, void, undefined>;
  /** What happens to up to 100 jobs until all have ended, or to all jobs from now on; live, and without gap or repeat over lost connections. */
  watchJobs(jobs: readonly string[] | 'all', options?: WatchJobsOptions): AsyncGenerator<JobsEvent, void, undefined>;
  /** The result of the service; the contract of the service tells its shape. */
  result(id: string, options?: CallOptions): Promise<unknown>;
  download(fileId: string, options?: CallOptions): Promise<Download>;
  cancel(id: string, options?: CallOptions): Promise<JobView>;
  retry(id: string, options?: CallOptions): Promise<JobView>;
  remove(id: string, options?: CallOptions): Promise<void>;
  /** Newest first; `cursor` is the `nextCursor` of the page before. */
  list(filter?: ListFilter, options?: CallOptions): Promise<JobPage>;
  services(options?: CallOptions): Promise<ServiceView[]>;
  /** Begins to cancel, retry or delete many jobs; `action` tells how far it is. */
  startAction(request: ActionRequest, options?: KeyedOptions): Promise<ActionView>;
  action(id: string, options?: CallOptions): Promise<ActionView>;

  /** Tells of a pour; durable when it resolves, and one beer however often the connection breaks. */
  pour(pour: Pour, options?: KeyedOptions): Promise<Beer>;
  /** Newest first. */
  beers(filter?: BeerFilter, options?: CallOptions): Promise<BeerPage>;
  beer(id: string, options?: CallOptions): Promise<Beer>;
  removeBeer(id: string, options?: CallOptions): Promise<void>;
  taps(options?: CallOptions): Promise<TapView[]>;
  /** Every pour and removal, and the reports of the shares; live, and without gap or repeat over lost connections. */
  watchBeers(options?: WatchBeersOptions): AsyncGenerator<BeersEvent, void, undefined>;

  queues(options?: CallOptions): Promise<QueueView[]>;
  pause(service: string, options?: CallOptions): Promise<QueueView>;
  resume(service: string, options?: CallOptions): Promise<QueueView>;
  workers(options?: CallOptions): Promise<WorkerView[]>;
  storage(options?: CallOptions): Promise<StorageView>;
  /** That the server runs, and its version. */
  health(options?: CallOptions): Promise<Health>;
}

export interface ClientOptions {
  readonly baseUrl: string;
  readonly fetch?: typeof fetch;
  /** Sent as `Authorization: Bearer`. */
  readonly token?: string;
  readonly retry?: Partial<RetryPolicy>;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface KeyedOptions extends CallOptions {
  /** For a caller that repeats the call itself; one is made otherwise. */
  readonly idempotencyKey?: string;
}

export interface ListFilter {
  readonly service?: string;
  readonly state?: JobState;
  readonly labels?: Readonly<Record<string, string>>;
  /** RFC 3339: created at this time or later, and before this time. */
  readonly createdAfter?: string;
  readonly createdBefore?: string;
  readonly limit?: number;
  readonly cursor?: string;
}

export interface BeerFilter {
  /** From 1 on. */
  readonly page?: number;
  readonly pageSize?: number;
  readonly type?: GlassType;
  readonly tapId?: number;
  /** RFC 3339: poured at this time or later, and before this time. */
  readonly from?: string;
  readonly to?: string;
}

/** A file as it comes in; read `stream` or `blob()`, not both. */
export interface Download {
  readonly name: string | null;
  readonly mediaType: string;
  readonly bytes: number | null;
  readonly stream: ReadableStream<Uint8Array>;
  blob(): Promise<Blob>;
}

const patience: RetryPolicy = {
  attemptsMax: 5,
  firstDelayMs: 250,
  longestDelayMs: 10_000,
  retryAfterMsMax: 60_000,
  reconnectsMax: 20,
};
const callMs = 30_000;
/** Thousands of jobs, and the bytes of their sources, take longer. */
const batchMs = 300_000;
const pollSeconds = 30;

/** Throws a `TypeError` where `baseUrl` is no http address. */
export function createClient(options: ClientOptions): Client {
  const base = new URL(options.baseUrl);
  if (base.protocol !== 'http:' && base.protocol !== 'https:') throw new TypeError(`${options.baseUrl} is no http address`);
  const connection: Connection = {
    baseUrl: `${base.origin}${base.pathname}`.replace(/\/+$/, ''),
    fetch: options.fetch ?? fetch.bind(globalThis),
    fetchIsOwn: options.fetch === undefined,
    token: options.token ?? null,
    retry: { ...patience, ...options.retry },
  };
  return {
    submit: (request) => submit(connection, request),
    job: (id, { signal } = {}) => send<JobView>(connection, get(jobPath(id), signal), readJson),
    wait: (id, { signal } = {}) => waitForEnd(connection, id, signal),
    history: async (id, { signal } = {}) =>
      (await send<JobEventList>(connection, get(`${jobPath(id)}/events`, signal), readJson)).items,
    // What a page does not need at once comes when it is asked for.
    async *watch(id, watchOptions) {
      const { watch } = await import('./watch.ts');
      yield* watch(connection, id, watchOptions);
    },
    watchJobs: (jobs, watchOptions) => watchJobs(connection, jobs, watchOptions),
    result: (id, { signal } = {}) => send<unknown>(connection, get(`${jobPath(id)}/result`, signal), readJson),
    download: (fileId, { signal } = {}) => download(connection, fileId, signal),
    cancel: (id, { signal } = {}) => send<JobView>(connection, post(`${jobPath(id)}/cancel`, signal), readJson),
    retry: (id, { signal } = {}) => send<JobView>(connection, post(`${jobPath(id)}/retry`, signal), readJson),
    remove: (id, { signal } = {}) => send(connection, { ...get(jobPath(id), signal), method: 'DELETE' }, readNothing),
    list: (filter = {}, { signal } = {}) =>
      send<JobPage>(connection, get(`/v1/jobs${queryOf(jobQuery(filter))}`, signal), readJson),
    services: async ({ signal } = {}) => (await send<ServiceList>(connection, get('/v1/services', signal), readJson)).items,
    submitMany: async (jobs, options = {}) =>
      (await send<BatchAnswer>(connection, { ...document('/v1/jobs', { jobs }, options), timeoutMs: batchMs }, readJson)).items,
    upload: (request) => upload(connection, request),
    startAction: (request, options = {}) =>
      send<ActionView>(connection, document('/v1/jobs/actions', request, options), readJson),
    action: (id, { signal } = {}) =>
      send<ActionView>(connection, get(`/v1/jobs/actions/${encodeURIComponent(id)}`, signal), readJson),
    pour: (pour, options = {}) => send<Beer>(connection, pourCall(pour, options), readJson),
    beers: ({ pageSize, ...filter } = {}, { signal } = {}) =>
      send<BeerPage>(connection, get(`/v1/beers${queryOf({ ...filter, page_size: pageSize })}`, signal), readJson),
    beer: (id, { signal } = {}) => send<Beer>(connection, get(beerPath(id), signal), readJson),
    removeBeer: (id, { signal } = {}) => send(connection, { ...get(beerPath(id), signal), method: 'DELETE' }, readNothing),
    taps: async ({ signal } = {}) => (await send<TapList>(connection, get('/v1/taps', signal), readJson)).items,
    async *watchBeers(watchOptions) {
      const { watchBeers } = await import('./watch-beers.ts');
      yield* watchBeers(connection, watchOptions);
    },
    queues: async ({ signal } = {}) => (await send<QueueList>(connection, get('/v1/queues', signal), readJson)).items,
    pause: (service, { signal } = {}) => send<QueueView>(connection, post(`${queuePath(service)}/pause`, signal), readJson),
    resume: (service, { signal } = {}) => send<QueueView>(connection, post(`${queuePath(service)}/resume`, signal), readJson),
    workers: async ({ signal } = {}) => (await send<WorkerList>(connection, get('/v1/workers', signal), readJson)).items,
    storage: ({ signal } = {}) => send<StorageView>(connection, get('/v1/storage', signal), readJson),
    health: ({ signal } = {}) => send<Health>(connection, get('/livez', signal), readJson),
  };
}

function jobPath(id: string): string {
  return `/v1/jobs/${encodeURIComponent(id)}`;
}

function beerPath(id: string): string {
  return `/v1/beers/${encodeURIComponent(id)}`;
}

/** With a reading it is one beer anyway: a key would cost the server another commit. */
function pourCall(pour: Pour, options: KeyedOptions): Call {
  const call = document('/v1/beers', pour, options);
  if (pour.readingId === undefined || options.idempotencyKey !== undefined) return call;
  return { ...call, headers: { 'content-type': 'application/json' } };
}

function queuePath(service: string): string {
  return `/v1/queues/${encodeURIComponent(service)}`;
}

function get(path: string, signal: AbortSignal | undefined): Call {
  return { method: 'GET', path, repeatable: true, timeoutMs: callMs, signal };
}

function post(path: string, signal: AbortSignal | undefined): Call {
  return { ...get(path, signal), method: 'POST', headers: { 'idempotency-key': crypto.randomUUID() } };
}

function document(path: string, value: unknown, { signal, idempotencyKey }: KeyedOptions): Call {
  const text = JSON.stringify(value);
  const headers = { 'idempotency-key': idempotencyKey ?? crypto.randomUUID(), 'content-type': 'application/json' };
  return { ...post(path, signal), headers, body: () => text };
}

async function waitForEnd(connection: Connection, id: string, signal: AbortSignal | undefined): Promise<JobView> {
  const call = { ...get(`${jobPath(id)}?wait=${pollSeconds}s`, signal), timeoutMs: pollSeconds * 1000 + callMs };
  let state: JobState | null = null;
  for (;;) {
    const job = await send<JobView>(connection, call, readJson);
    if (hasEnded(job.state)) return job;
    // A server that answers without a change (it is stopping, say) is not asked in a tight circle.
    if (job.state === state) await pause(backoffMs(connection.retry, 1), signal);
    state = job.state;
  }
}

async function download(connection: Connection, fileId: string, signal: AbortSignal | undefined): Promise<Download> {
  const call: Call = { method: 'GET', path: `/v1/files/${encodeURIComponent(fileId)}`, repeatable: true, signal };
  return send(connection, call, async (response) => {
    const length = response.headers.get('content-length');
    return {
      name: fileNameOf(response.headers.get('content-disposition')),
      mediaType: response.headers.get('content-type') ?? 'application/octet-stream',
      bytes: length === null ? null : Number(length),
      stream: response.body ?? new Blob([]).stream(),
      blob: () => response.blob(),
    };
  });
}

/** The name in a Content-Disposition header (RFC 6266), the extended form before the plain one. */
function fileNameOf(header: string | null): string | null {
  const extended = /filename\*=utf-8''([^;\s]+)/i.exec(header ?? '')?.[1];
  if (extended !== undefined) return decodeURIComponent(extended);
  const [, quoted, bare] = /filename=(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))/i.exec(header ?? '') ?? [];
  return quoted?.replace(/\\(.)/g, '$1') ?? bare ?? null;
}

function jobQuery({ labels = {}, ...plain }: ListFilter): Query {
  return { ...plain, ...Object.fromEntries(Object.entries(labels).map(([name, value]) => [`label.${name}`, value])) };
}

type Query = Readonly<Record<string, string | number | undefined>>;

function queryOf(parameters: Query): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) query.set(name, String(value));
  }
  return query.size === 0 ? '' : `?${query}`;
}
