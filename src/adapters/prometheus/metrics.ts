import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { jobStates } from '../../core/job.ts';
import type { Gauges, Metrics } from '../../ports/metrics.ts';

const requestSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const jobSeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600];
const commitSeconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5];
const commitWrites = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000];

/** The metrics of one process in the text format of Prometheus, in a registry of their own. */
export function createPrometheusMetrics(version: string): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: 'coatcheck_build_info',
    help: 'Always 1; the label tells the version.',
    labelNames: ['version'],
    registers: [registry],
  }).set({ version }, 1);
  const events = countersOf(registry);
  const setGauges = gaugesOf(registry);
  return {
    contentType: registry.contentType,
    requestEnded(route, method, status, seconds) {
      events.requests.observe({ route: route ?? 'none', method, status: statusClass(status) }, seconds);
    },
    problemTold: (problem) => events.problems.inc({ problem }),
    jobsChanged: (service, event, jobs = 1) => events.jobs.inc({ service, event: event.replace('job.', '') }, jobs),
    jobWaited: (service, seconds) => events.waits.observe({ service }, Math.max(0, seconds)),
    attemptEnded(service, outcome, seconds, problem) {
      events.attempts.observe({ service, outcome }, Math.max(0, seconds));
      if (problem !== null) events.attemptProblems.inc({ service, problem });
    },
    linkFetched: (outcome, seconds) => events.fetches.observe({ outcome }, Math.max(0, seconds)),
    committed(writes, seconds) {
      events.commitWrites.observe(writes);
      events.commits.observe(seconds);
    },
    pourEnded: (outcome) => events.pours.inc({ outcome }),
    text(gauges) {
      setGauges(gauges);
      return registry.metrics();
    },
  };
}

/** `2xx`; `gone` where the client went before it was answered. */
function statusClass(status: number | null): string {
  return status === null ? 'gone' : `${Math.floor(status / 100)}xx`;
}

/** What is counted while it happens. */
function countersOf(registry: Registry) {
  const registers = [registry];
  return {
    requests: new Histogram({
      name: 'coatcheck_http_request_duration_seconds',
      help: 'From the headers of a request to the end of its answer, by route template. Long polls and event streams last as long as they are asked to.',
      labelNames: ['route', 'method', 'status'],
      buckets: requestSeconds,
      registers,
    }),
    problems: new Counter({
      name: 'coatcheck_http_problems_total',
      help: 'Requests answered with a problem, by its slug.',
      labelNames: ['problem'],
      registers,
    }),
    jobs: new Counter({
      name: 'coatcheck_job_events_total',
      help: 'Committed changes of jobs. Each start is an attempt, each retrying one that failed and is tried again.',
      labelNames: ['service', 'event'],
      registers,
    }),
    waits: new Histogram({
      name: 'coatcheck_job_wait_seconds',
      help: 'From when a job was due to its start.',
      labelNames: ['service'],
      buckets: jobSeconds,
      registers,
    }),
    attempts: new Histogram({
      name: 'coatcheck_job_attempt_duration_seconds',
      help: 'From the start of an attempt to the commit of its outcome, the fetch of a link included.',
      labelNames: ['service', 'outcome'],
      buckets: jobSeconds,
      registers,
    }),
    attemptProblems: new Counter({
      name: 'coatcheck_job_attempt_problems_total',
      help: 'Attempts that failed, by the slug of the problem.',
      labelNames: ['service', 'problem'],
      registers,
    }),
    fetches: new Histogram({
      name: 'coatcheck_link_fetch_duration_seconds',
      help: 'Fetches of links: fetched, aborted, or the slug of the problem.',
      labelNames: ['outcome'],
      buckets: jobSeconds,
      registers,
    }),
    commits: new Histogram({
      name: 'coatcheck_commit_duration_seconds',
      help: 'Transactions of the job store, from their begin to the end of their sync.',
      buckets: commitSeconds,
      registers,
    }),
    pours: new Counter({
      name: 'coatcheck_pours_total',
      help: 'Pours that taps told of: new, repeat (made before) or refused.',
      labelNames: ['outcome'],
      registers,
    }),
    commitWrites: new Histogram({
      name: 'coatcheck_commit_writes',
      help: 'Writes that shared one transaction.',
      buckets: commitWrites,
      registers,
    }),
  };
}

/** What is looked at when somebody asks. What cannot be known now is left out, not told as 0. */
function gaugesOf(registry: Registry): (gauges: Gauges) => void {
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name: `coatcheck_${name}`, help, labelNames, registers: [registry] });
  const storeUp = gauge('store_up', 'Whether the job store and the storage answered this request for metrics.');
  const jobs = gauge('jobs', 'Jobs that are kept, by state.', ['service', 'state']);
  const delayed = gauge('jobs_delayed', 'Queued jobs whose time has not come.', ['service']);
  const oldest = gauge('queue_oldest_wait_seconds', 'How long ago the longest waiting due job was created; 0 where none waits.', [
    'service',
  ]);
  const paused = gauge('queue_paused', 'Whether the queue is paused.', ['service']);
  const files = gauge('stored_files', 'Uploads and outputs that are kept.');
  const fileBytes = gauge('stored_files_bytes', 'What they take; bytes that several files share count once.');
  const results = gauge('stored_results', 'Results of jobs that are kept.');
  const resultBytes = gauge('stored_results_bytes', 'What they take, as JSON.');
  const databaseBytes = gauge('database_bytes', 'The job store on its disk, without its log.');
  const freeBytes = gauge('storage_free_bytes', 'Room left where the files lie.');
  const executors = gauge('executors', 'Executors of this process.', ['state']);
  const resident = gauge('executors_resident_bytes', 'Resident memory of all executors of this process.');
  const sockets = gauge('live_sockets', 'Open WebSockets.');
  const buffered = gauge('live_buffered_bytes', 'Bytes that wait for the readers of these sockets.');
  const broker = gauge('mqtt_connected', 'Whether the broker of the taps has us connected; missing where none is set.');
  const ends = new Counter({
    name: 'coatcheck_executor_ends_total',
    help: 'Executor processes that ended and were replaced, or could not be started (start), by reason.',
    labelNames: ['reason'],
    registers: [registry],
  });

  return (now) => {
    storeUp.set(now.queues === null || now.storage === null ? 0 : 1);
    for (const each of [jobs, delayed, oldest, paused]) each.reset();
    for (const { service, counts, ...queue } of now.queues ?? []) {
      for (const state of jobStates) jobs.set({ service, state }, counts[state]);
      delayed.set({ service }, queue.delayed);
      oldest.set({ service }, queue.oldestQueuedAt === null ? 0 : Math.max(0, now.now - queue.oldestQueuedAt) / 1000);
      paused.set({ service }, queue.paused ? 1 : 0);
    }
    setOrLeaveOut(files, now.storage?.files.count);
    setOrLeaveOut(fileBytes, now.storage?.files.bytes);
    setOrLeaveOut(results, now.storage?.results.count);
    setOrLeaveOut(resultBytes, now.storage?.results.bytes);
    setOrLeaveOut(databaseBytes, now.storage?.databaseBytes);
    setOrLeaveOut(freeBytes, now.storage?.freeBytes);
    executors.set({ state: 'busy' }, now.executors.busy);
    executors.set({ state: 'idle' }, now.executors.idle);
    resident.set(now.executors.residentBytes);
    sockets.set(now.live.sockets);
    buffered.set(now.live.bufferedBytes);
    setOrLeaveOut(broker, now.brokerConnected === null ? null : Number(now.brokerConnected));
    ends.reset();
    for (const [reason, count] of Object.entries(now.executorEnds)) ends.inc({ reason }, count);
  };
}

/** A gauge without labels would be told as 0 after `reset`. */
function setOrLeaveOut(gauge: Gauge, value: number | null | undefined): void {
  if (value === null || value === undefined) gauge.remove();
  else gauge.set(value);
}
