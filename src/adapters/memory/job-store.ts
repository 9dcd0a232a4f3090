import type { Clock } from '../../core/clock.ts';
import { hasEnded, type Job, type JobState, type StoredFile } from '../../core/job.ts';
import type { DocumentStore } from '../../ports/document-store.ts';
import type { JobAction } from '../../ports/job-actions.ts';
import type {
  AttachedInput,
  Heartbeat,
  JobChange,
  JobFilter,
  JobStore,
  KeptAnswer,
  Pruned,
  QueueState,
  ReusedResult,
  StoredAmounts,
  Submission,
  SubmitOutcome,
  TogetherOutcome,
} from '../../ports/job-store.ts';
import { byPriority, Claims } from './claim.ts';
import { documentStoreOn } from './document-store.ts';
import { Tables } from './tables.ts';

/** A job store that goes with the process: for tests and small tools, not for many jobs. */
export function createMemoryJobStore({ clock }: { clock: Clock }): JobStore & DocumentStore {
  const tables = new Tables(clock);
  const claims = new Claims(tables, clock);

  return {
    ...documentStoreOn(tables),
    capabilities: { shared: false },
    now: () => clock.now(),

    submit: (submissions) => Promise.all(submissions.map(async (submission) => submit(tables, submission))),
    submitTogether: async (submissions, answer) => submitTogether(tables, submissions, answer),
    change: async (decided) => change(tables, decided),
    claim: async (request) => claims.claim(request),
    heartbeat: async (beats, leaseMs) =>
      beats.filter((beat) => !extendLease(tables, beat, clock.now() + leaseMs)).map(({ lease }) => lease),
    attachInput: async (attached) => attachInput(tables, attached),
    lost: async (limit, all = false) => lost(tables, all ? Number.POSITIVE_INFINITY : clock.now()).slice(0, limit),
    pastDeadline: async (limit) =>
      tables
        .jobsIn('queued', 'running')
        .filter(({ deadline }) => deadline !== null && deadline <= clock.now())
        .sort((a, b) => Number(a.deadline) - Number(b.deadline))
        .slice(0, limit),

    get: async (id) => tables.jobs.get(id) ?? null,
    getResult: async (id) => tables.results.get(id) ?? null,
    findReusable: async (reuseKey) =>
      tables
        .jobsIn('succeeded')
        .filter((job) => job.reuseKey === reuseKey && !job.resultExpired && job.expiresAt > clock.now())
        .sort(newestFirst)[0] ?? null,
    list: async (filter, limit, before = '~') =>
      [...tables.jobs.values()]
        .filter((job) => job.id < before && passes(job, filter))
        .sort(newestFirst)
        .slice(0, limit),
    events: async (jobId, after = 0, limit = Number.POSITIVE_INFINITY) => tables.events(jobId, after, limit),
    log: async (request) => tables.log(request),
    wholeLog: async (request) => tables.wholeLog(request),
    logEnd: async () => tables.logEnd(),
    remove: async (id, version) => remove(tables, id, version, clock.now()),

    async insertFile(file, answer, content) {
      if (!tables.mayKeep(answer)) return false;
      tables.insertFiles([file]);
      tables.keepContents(content === undefined ? [] : [content]);
      tables.keep(answer);
      return true;
    },
    getFile: async (id) => tables.file(id),
    getContent: async (blob) => tables.contents.get(blob) ?? null,
    async expireFile(id) {
      const file = tables.file(id);
      if (file === null) return 'absent';
      if (tables.isInUse(id)) return 'in-use';
      tables.files.set(id, { ...file, expiresAt: clock.now() });
      return 'expired';
    },

    line: async (service, limit) =>
      tables
        .due(service)
        .sort(byPriority)
        .slice(0, limit)
        .map(({ id }) => id),
    queues: async () => queues(tables),
    queuedOf: async (caller, limit) => Math.min(limit, tables.jobsIn('queued').filter((job) => job.caller === caller).length),
    async setPaused(service, paused) {
      tables.services.add(service);
      if (paused) tables.paused.add(service);
      else tables.paused.delete(service);
    },

    reserve: async (key, token, leaseMs) => tables.reserve(key, token, leaseMs),
    unreserve: async (key, token) => tables.unreserve(key, token),
    unreserveAll: async () => tables.unreserveAll(),
    async answer(kept) {
      const holds = tables.mayReplace(kept);
      if (holds) tables.keep(kept);
      return holds;
    },

    stored: async () => stored(tables),
    async insertAction(action, answer) {
      if (!tables.mayKeep(answer)) return false;
      tables.actions.set(action.id, action);
      tables.keep(answer);
      return true;
    },
    getAction: async (id) => tables.actions.get(id) ?? null,
    nextAction: async () => openActions(tables)[0] ?? null,
    advanceAction: async ({ id, from, ...step }) => {
      const action = tables.actions.get(id);
      if (action === undefined || action.cursor !== from || action.finishedAt !== null) return false;
      tables.actions.set(id, { ...action, ...step });
      return true;
    },

    prune: async (limit, recordMs) => prune(tables, clock.now(), limit, recordMs),
    unreferencedBlobs: async (blobs) => blobs.filter((blob) => !tables.isReferred(blob)),
    freeBytes: async () => null,
    check: async () => {},
    close: async () => {},
  };
}

function submit(tables: Tables, submission: Submission): SubmitOutcome {
  const { job, answer, queuedMax } = submission;
  if (job.state === 'queued' && tables.jobsIn('queued').length >= queuedMax) return 'queue-full';
  if (!hasFiles(tables, submission)) return 'file-gone';
  if (!tables.mayKeep(answer)) return 'reservation-lost';
  insert(tables, submission);
  tables.keep(answer);
  return 'stored';
}

function submitTogether(tables: Tables, submissions: readonly Submission[], answer?: KeptAnswer): TogetherOutcome {
  if (!tables.mayKeep(answer)) return { kind: 'reservation-lost' };
  let queued = tables.jobsIn('queued').length;
  const outcomes = submissions.map((submission) => {
    if (submission.job.state === 'queued' && queued >= submission.queuedMax) return 'queue-full';
    if (!hasFiles(tables, submission)) return 'file-gone';
    if (submission.job.state === 'queued') queued += 1;
    return 'stored';
  });
  if (outcomes.some((outcome) => outcome !== 'stored')) return { kind: 'refused', outcomes };
  for (const { job } of submissions) refuseKnown(tables, job);
  for (const submission of submissions) insert(tables, submission);
  tables.keep(answer);
  return { kind: 'stored' };
}

function hasFiles(tables: Tables, { job, input, reuse }: Submission): boolean {
  const source = job.source?.file;
  if (source !== undefined && source !== input?.id && tables.file(source) === null) return false;
  return canShare(tables, reuse);
}

function canShare(tables: Tables, reuse: ReusedResult | undefined): boolean {
  return (reuse?.files ?? []).every(({ from }) => tables.file(from) !== null);
}

function copiesOf(tables: Tables, reuse: ReusedResult | undefined): StoredFile[] {
  return (reuse?.files ?? []).map(({ from, file }) => ({ ...file, blob: tables.file(from)?.blob ?? file.blob }));
}

function refuseKnown(tables: Tables, job: Job): void {
  if (tables.jobs.has(job.id)) throw new Error(`there is a job ${job.id} already`);
}

function insert(tables: Tables, { job, events, input, contents, reuse }: Submission): void {
  refuseKnown(tables, job);
  const copies = copiesOf(tables, reuse);
  tables.insertFiles(input === undefined ? copies : [input, ...copies]);
  tables.keepContents(contents);
  tables.services.add(job.service);
  tables.put(job, ...events);
  if (reuse !== undefined) tables.results.set(job.id, reuse.result);
}

function change(tables: Tables, decided: JobChange): boolean {
  const { next, event, fence, outputs, contents, reuse, answer, result = reuse?.result } = decided;
  const job = tables.jobs.get(next.id);
  const holds = 'lease' in fence ? job?.state === 'running' && job.lease?.token === fence.lease : job?.version === fence.version;
  if (!holds || !canShare(tables, reuse) || !tables.mayKeep(answer)) return false;
  tables.insertFiles([...(outputs ?? []), ...copiesOf(tables, reuse)]);
  tables.keepContents(contents);
  // What was attached meanwhile stays: a change is about the state of a job, and of what its result is filed under.
  const { source } = job ?? next;
  const { reuseKey } = next.state === 'succeeded' ? next : (job ?? next);
  tables.put({ ...next, source, reuseKey }, event);
  if (result !== undefined) tables.results.set(next.id, result);
  if (hasEnded(next.state)) tables.retimeFiles(next.id, () => next.expiresAt);
  tables.keep(answer);
  return true;
}

function extendLease(tables: Tables, { job: id, lease, progress }: Heartbeat, expiresAt: number): boolean {
  const job = tables.jobs.get(id);
  if (job?.state !== 'running' || job.lease?.token !== lease) return false;
  tables.put({ ...job, lease: { ...job.lease, expiresAt }, progress: progress ?? job.progress });
  return true;
}

function attachInput(tables: Tables, { job: id, lease, input, contents, source, reuseKey }: AttachedInput): boolean {
  const job = tables.jobs.get(id);
  if (job?.state !== 'running' || job.lease?.token !== lease) return false;
  tables.insertFiles([input]);
  tables.keepContents(contents);
  tables.put({ ...job, source, reuseKey });
  return true;
}

function lost(tables: Tables, until: number): Job[] {
  const expiry = (job: Job): number => job.lease?.expiresAt ?? 0;
  return tables
    .jobsIn('running')
    .filter((job) => expiry(job) <= until)
    .sort((a, b) => expiry(a) - expiry(b));
}

function openActions({ actions }: Tables): JobAction[] {
  return [...actions.values()].filter(({ finishedAt }) => finishedAt === null).sort((a, b) => (a.id < b.id ? -1 : 1));
}

function stored({ files, results }: Tables): StoredAmounts {
  const blobs = new Map([...files.values()].map(({ blob, bytes }) => [blob, bytes]));
  const sum = (sizes: Iterable<number>): number => [...sizes].reduce((total, size) => total + size, 0);
  return {
    files: { count: files.size, bytes: sum(blobs.values()) },
    results: { count: results.size, bytes: sum([...results.values()].map((json) => Buffer.byteLength(json))) },
    databaseBytes: null,
  };
}

function passes(job: Job, filter: JobFilter): boolean {
  const { caller, service, state, labels = {}, createdAfter = job.createdAt, createdBefore = Number.POSITIVE_INFINITY } = filter;
  if (job.createdAt < createdAfter || job.createdAt >= createdBefore) return false;
  if (job.caller !== caller || (service ?? job.service) !== job.service || (state ?? job.state) !== job.state) return false;
  return Object.entries(labels).every(([key, value]) => job.labels[key] === value);
}

function newestFirst(a: Job, b: Job): number {
  return a.id < b.id ? 1 : -1;
}

function remove(tables: Tables, id: string, version: number, now: number): boolean {
  const job = tables.jobs.get(id);
  if (job === undefined || job.version !== version || !hasEnded(job.state)) return false;
  tables.delete(job);
  tables.retimeFiles(id, ({ expiresAt }) => Math.min(expiresAt, now));
  return true;
}

function queues(tables: Tables): QueueState[] {
  return [...tables.services].sort().map((service) => {
    const counts: Record<JobState, number> = { queued: 0, running: 0, succeeded: 0, failed: 0, canceled: 0 };
    for (const job of tables.jobs.values()) if (job.service === service) counts[job.state] += 1;
    const due = tables.due(service).map(({ createdAt }) => createdAt);
    const delayed = counts.queued - due.length;
    return {
      service,
      paused: tables.paused.has(service),
      counts,
      delayed,
      oldestQueuedAt: due.length === 0 ? null : Math.min(...due),
    };
  });
}

function prune(tables: Tables, now: number, limit: number, recordMs: number): Pruned {
  const results = tables
    .endedSince(0)
    .filter((job) => !tables.pruned.has(job))
    .slice(0, limit);
  for (const job of results) {
    const pruned = { ...job, resultExpired: job.state === 'succeeded' };
    tables.put(pruned);
    tables.pruned.add(pruned);
    tables.results.delete(job.id);
    tables.retimeFiles(job.id, ({ expiresAt }) => Math.min(expiresAt, now));
  }
  const records = tables
    .endedSince(recordMs)
    .filter((job) => tables.pruned.has(job))
    .slice(0, limit);
  for (const job of records) tables.delete(job);
  const expired = [...tables.files.values()].filter((file) => file.expiresAt <= now && !tables.isInUse(file.id)).slice(0, limit);
  for (const file of expired) tables.files.delete(file.id);
  const loose = [...new Set(expired.map(({ blob }) => blob))].filter((blob) => !tables.isReferred(blob));
  const blobs = loose.filter((blob) => !tables.contents.delete(blob));
  const actions = [...tables.actions.values()].filter((action) => action.finishedAt !== null && action.expiresAt <= now);
  for (const { id } of actions.slice(0, limit)) tables.actions.delete(id);
  return {
    results: results.length,
    jobs: records.length,
    files: expired.length,
    answers: tables.pruneAnswers(limit),
    actions: Math.min(actions.length, limit),
    blobs,
  };
}
