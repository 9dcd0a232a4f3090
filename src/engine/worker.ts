import { ServiceError } from '../core/errors.ts';
import { type Job, type Lease, needsFetch, type Progress } from '../core/job.ts';
import { limits } from '../core/limits.ts';
import { newSpanId, traceparentOf } from '../core/trace.ts';
import type { Executor, ExecutorPool } from '../ports/executor-pool.ts';
import type { AttemptOutcome } from './attempt.ts';
import { fetchLink } from './fetch-link.ts';
import { createLookahead } from './lookahead.ts';
import { createLoop } from './loop.ts';
import { oneAtATime } from './one-at-a-time.ts';
import type { EngineParts } from './parts.ts';
import { runAttempt } from './run-job.ts';
import { settle } from './settle.ts';

/** How long a worker goes without asking when nobody wakes it: wake-ups may be lost. */
const pollMs = 1_000;
/** How soon progress that was reported stands in the job. */
const progressMs = 500;
/** How soon a store that did not take an outcome is asked again. */
const settleAgainMs = 500;
/** Jobs that an executor is done with and that are still being stored: more of them would only take memory. */
const attemptsPerExecutorMax = 32;

export interface Worker {
  /** Claims jobs for the executors that are idle, short ones a little ahead, and begins to run them; how many it claimed. */
  runOnce(): Promise<number>;
  start(): void;
  /** Takes no more work, lets running jobs finish for `graceMs`, then hands them back. */
  stop(graceMs: number): Promise<void>;
}

interface Running {
  /** With its source, once that is fetched. */
  job: Job;
  readonly lease: Lease;
  /** Of this attempt, in the trace of the job. */
  readonly spanId: string;
  readonly abort: AbortController;
  progress: Progress | null;
  /** Reported and not yet stored. */
  progressIsNew: boolean;
  /** Set when the worker stops: the job goes back to the queue instead of being dropped. */
  handBack: boolean;
  beatAt: number;
}

/** Claims jobs for its executors, runs them, keeps their leases and settles them. */
export function createWorker(parts: EngineParts, pool: ExecutorPool, name: string): Worker {
  const { store, bus, wakeUp, clock, lanes } = parts;
  const { leaseMs } = parts.settings;
  const running = new Map<string, Running>();
  /** Claimed ahead of an idle executor, in the order in which they will run. */
  const buffered: Running[] = [];
  /** They lie ready behind another job of an executor. */
  const behind = new Set<Running>();
  /** Their links are being fetched, which takes up no executor: a slow server only holds up its own job. */
  const fetching = new Set<Running>();
  const lookahead = createLookahead(lanes, clock);
  /** The last job that was claimed in turn while short ones lay ready. */
  let turn: string | null = null;
  const attempts = new Set<Promise<void>>();
  let nextLane = 0;
  let stopping = false;
  let mayFetch = true;
  /** Aborted when waiting for the store makes no sense any more. */
  const leaving = new AbortController();
  const claiming = oneAtATime(runOnce, (error) => parts.log.error({ err: error }, 'claim.failed'));
  const pump = claiming.request;
  let clearTimer = () => {};
  let unwake = () => {};

  async function runOnce(): Promise<number> {
    if (stopping) return 0;
    const room = await parts.room.forWork();
    if (room === 'none') return 0;
    mayFetch = room === 'ample';
    const [inTurn, ahead] = await Promise.all([claimInTurn(), claimAhead()]);
    return inTurn + ahead;
  }

  /** For executors that are idle, or will be in some milliseconds: the services take turns. */
  async function claimInTurn(): Promise<number> {
    const idle = pool.idle() - buffered.length;
    const limit = idle <= 0 && isTurnDue() ? 1 : idle;
    if (limit <= 0) return 0;
    const fetchesMax = mayFetch ? limits.fetchesMax - fetching.size : 0;
    const { jobs, nextAt } = await store.claim({ lanes: rotatedLanes(), limit, fetchesMax, worker: name, leaseMs });
    lookahead.claimedInTurn(jobs);
    if (idle <= 0) turn = jobs[0]?.id ?? null;
    begin(jobs);
    clearTimer();
    if (nextAt !== null && !stopping) clearTimer = clock.after(nextAt - store.now(), pump);
    return jobs.length;
  }

  /** One at a time: where executors are busy for longer than it seemed, no more are kept from other workers. */
  function isTurnDue(): boolean {
    return buffered.length + behind.size > 0 && lookahead.isTurnDue() && buffered.every(({ job }) => job.id !== turn);
  }

  async function claimAhead(): Promise<number> {
    for (const { limit, lanes: short } of lookahead.allowances(pool.size, buffered.length + behind.size)) {
      const { jobs } = await store.claim({ lanes: short, limit, fetchesMax: 0, worker: name, leaseMs });
      begin(jobs);
      if (jobs.length > 0) return jobs.length;
    }
    return 0;
  }

  /** Every service gets to be the first that is asked for. */
  function rotatedLanes() {
    nextLane = (nextLane + 1) % Math.max(lanes.length, 1);
    return [...lanes.slice(nextLane), ...lanes.slice(0, nextLane)];
  }

  async function poll(): Promise<number> {
    pump();
    return 0;
  }

  function begin(jobs: readonly Job[]): void {
    for (const job of jobs) {
      const { lease } = job;
      if (lease === null) throw new Error('a claimed job has no lease');
      const { id, caller, service, state, traceId, attempt } = job;
      const spanId = newSpanId();
      parts.log.info({ traceId, spanId, job: id, caller, service, state, attempt, worker: name }, 'job.started');
      reportStart(job);
      bus.publish({ kind: 'changed', job: id, caller, service, state });
      const entry = {
        job,
        lease,
        spanId,
        abort: new AbortController(),
        progress: null,
        progressIsNew: false,
        handBack: false,
        beatAt: clock.now(),
      };
      running.set(id, entry);
      if (needsFetch(job)) track(entry, fetchSource(entry));
      else buffered.push(entry);
    }
    feed();
  }

  function reportStart({ service, attempt, handOuts, startedAt, runAt }: Job): void {
    parts.measures.jobsChanged(service, 'job.started');
    // One that was handed out in vain before did not wait all of that time.
    if (attempt === handOuts && startedAt !== null) parts.measures.jobWaited(service, (startedAt - runAt) / 1000);
  }

  /** Fetches the source of a job; then it waits for an executor like the others. */
  async function fetchSource(entry: Running): Promise<void> {
    const { job, lease, abort } = entry;
    fetching.add(entry);
    // The executor that it was claimed for can take another job meanwhile.
    pump();
    const outcome = await fetchLink(parts, job, lease, {
      signal: abort.signal,
      onProgress: (progress) => report(entry, progress),
    });
    fetching.delete(entry);
    pump();
    if (outcome.kind === 'reused') return void running.delete(job.id);
    if (outcome.kind !== 'fetched') return end(entry, outcome);
    entry.job = outcome.job;
    if (stopping) return end(entry, { kind: 'handedBack' });
    buffered.push(entry);
  }

  /** Gives what has been claimed to the executors that are idle, and a short job more to each that works on a short one. */
  function feed(): void {
    while (attempts.size - fetching.size < pool.size * attemptsPerExecutorMax) {
      const [entry] = buffered;
      if (entry === undefined) return;
      const isShort = lookahead.isShort(entry.job.service);
      const isIdle = pool.idle() > 0;
      const executor = isIdle ? pool.acquire(isShort) : isShort ? pool.acquireBehind() : null;
      if (executor === null) return;
      buffered.shift();
      track(entry, work(entry, executor, isIdle ? clock.now() : null));
    }
  }

  function track(entry: Running, attempt: Promise<void>): void {
    const ends = attempt.catch((error: unknown) => {
      // The store did not take the outcome; the lease runs out and the rescuer hands the job out again.
      parts.log.error({ traceId: entry.job.traceId, job: entry.job.id, err: error }, 'settle.failed');
    });
    attempts.add(ends);
    void ends.finally(() => {
      attempts.delete(ends);
      feed();
    });
  }

  /** `takenAt`: since when it has the executor to itself; null where it is behind another job. */
  async function work(entry: Running, executor: Executor, takenAt: number | null): Promise<void> {
    const { job, abort, spanId } = entry;
    let begunAt = takenAt;
    if (begunAt === null) behind.add(entry);
    const outcome = await runAttempt(parts, job, executor, {
      traceparent: traceparentOf({ traceId: job.traceId, spanId }),
      signal: abort.signal,
      onProgress: (progress) => report(entry, progress),
      onBegin() {
        begunAt ??= clock.now();
        behind.delete(entry);
      },
      onFree() {
        if (begunAt !== null) lookahead.took(job.service, clock.now() - begunAt);
        feed();
        pump();
      },
    });
    behind.delete(entry);
    if (outcome.kind !== 'unbegun') await end(entry, outcome);
    else if (stopping) await end(entry, { kind: 'handedBack' });
    else buffered.unshift(entry);
  }

  async function end(entry: Running, outcome: AttemptOutcome): Promise<void> {
    const { job, lease } = entry;
    const settled: AttemptOutcome = outcome.kind === 'aborted' && entry.handBack ? { kind: 'handedBack' } : outcome;
    for (let tries = 0; ; tries += 1) {
      running.delete(job.id);
      try {
        // While jobs lie ready for the executors, those that wait for this one have waited longer for their turn than it takes.
        await settle(parts, job, lease, settled, buffered.length > 0 && !stopping);
        return;
      } catch (error) {
        if (leaving.signal.aborted || !(await parts.room.isToBlame(error instanceof ServiceError ? error.code : ''))) throw error;
        if (tries === 0) parts.log.warn({ traceId: job.traceId, job: job.id, err: error }, 'settle.waits');
        // What has been done is not thrown away: the lease is kept until the store takes it again.
        running.set(job.id, entry);
        await pause();
      }
    }
  }

  function pause(): Promise<void> {
    return new Promise((resolve) => {
      const go = () => {
        forget();
        leaving.signal.removeEventListener('abort', go);
        resolve();
      };
      const forget = clock.after(settleAgainMs, go);
      leaving.signal.addEventListener('abort', go, { once: true });
    });
  }

  function handBack(entry: Running): void {
    entry.handBack = true;
    entry.abort.abort();
  }

  function report(entry: Running, progress: Progress): void {
    entry.progress = progress;
    entry.progressIsNew = true;
    const { id, caller, service } = entry.job;
    bus.publish({ kind: 'progress', job: id, caller, service, progress });
  }

  /** Extends the leases that are due and stores new progress, all in one write; drops the jobs whose lease is lost. */
  async function beat(): Promise<number> {
    const now = clock.now();
    const due = [...running.values()].filter((entry) => entry.progressIsNew || now - entry.beatAt >= leaseMs / 4);
    if (due.length === 0) return 0;
    for (const entry of due) {
      entry.progressIsNew = false;
      entry.beatAt = now;
    }
    const beats = due.map(({ job, lease, progress }) => ({ job: job.id, lease: lease.token, progress }));
    const lost = new Set(await beatOrRepeat(due, beats));
    for (const { job, lease, abort } of due.filter((entry) => lost.has(entry.lease.token))) {
      parts.log.warn({ traceId: job.traceId, job: job.id, service: job.service, lease: lease.expiresAt }, 'lease.lost');
      abort.abort();
    }
    return due.length;
  }

  /** A store that did not take it is asked again at the next turn: whoever comes first after an outage has the job. */
  async function beatOrRepeat(due: readonly Running[], beats: Parameters<typeof store.heartbeat>[0]): Promise<string[]> {
    try {
      return await store.heartbeat(beats, leaseMs);
    } catch (error) {
      for (const entry of due) entry.progressIsNew = true;
      throw error;
    }
  }

  const polling = createLoop('poll', pollMs, poll, parts);
  const heartbeat = createLoop('heartbeat', Math.min(progressMs, leaseMs / 8), beat, parts);
  const unsubscribe = bus.subscribe((notice) => {
    if (notice.kind === 'documents') return;
    const entry = running.get(notice.job);
    const mayBeLost =
      entry !== undefined && (notice.kind === 'removed' || (notice.kind === 'changed' && notice.state !== 'running'));
    if (mayBeLost)
      dropUnlessOurs(entry).catch((error: unknown) => parts.log.error({ job: notice.job, err: error }, 'notice.failed'));
  });

  /** Canceled, overdue, rescued or removed? A notice may come late (that the job was queued, say): the store knows. */
  async function dropUnlessOurs({ job, lease, abort }: Running): Promise<void> {
    if ((await store.get(job.id))?.lease?.token !== lease.token) abort.abort();
  }

  return {
    runOnce,
    start() {
      unwake = wakeUp.onWake(pump);
      polling.start();
      heartbeat.start();
      pump();
    },
    async stop(graceMs) {
      stopping = true;
      unwake();
      clearTimer();
      await polling.stop();
      await claiming.settled();
      const waiting = buffered.splice(0);
      for (const entry of fetching) handBack(entry);
      await Promise.all(waiting.map((entry) => end(entry, { kind: 'handedBack' })));
      await Promise.race([Promise.all(attempts), new Promise<void>((resolve) => clock.after(graceMs, resolve))]);
      for (const entry of running.values()) handBack(entry);
      leaving.abort();
      await Promise.all(attempts);
      await heartbeat.stop();
      unsubscribe();
    },
  };
}
