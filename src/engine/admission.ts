import { formatDuration } from '../core/durations.ts';
import { type ErrorCode, ServiceError } from '../core/errors.ts';
import type { Job } from '../core/job.ts';
import type { QueueState } from '../ports/job-store.ts';
import { DrainRate } from './drain-rate.ts';
import type { EngineParts } from './parts.ts';

/** Decides whether one more job may wait, before it costs anything. */
export interface Admission {
  /**
   * Throws `queue-full` or `quota-exceeded`, with the time until there may be room, where a job of the service would be refused
   * now; without a service, where a job of any would be.
   */
  check(caller: string, service: string | null): Promise<void>;
  /** Takes a place for a job that is about to be stored, or throws like `check`. It is given back when the job is announced, or comes to nothing. */
  enter(job: Pick<Job, 'caller' | 'service' | 'runAt'>): Promise<() => void>;
  /** How long a job that is handed in now will wait; null where that cannot be told. */
  expectedWaitMs(service: string): Promise<number | null>;
  /** What a job is refused with where the store found the queue full. */
  queueFull(): ServiceError;
  /** It was paused or resumed: its pace until now tells nothing of the time until the next start. */
  pauseChanged(service: string): void;
}

/** One look at the store serves everybody for so long; what happens meanwhile is heard of and counted. */
const refreshMs = 250;
/** Told where the pace of a queue is not known. */
const retrySecondsUnknown = 5;
const retrySecondsMax = 3_600;
/** Who is refused because of a number of jobs may come again when this share of them has gone. */
const roomShare = 0.01;

/** What was read of the store, and what has been heard of since. */
interface Look {
  readonly at: number;
  readonly queues: ReadonlyMap<string, QueueState>;
  /** How many jobs of a caller wait; only asked where that is limited. */
  readonly ofCallers: Map<string, number>;
  readonly grown: Counts;
}

/**
 * Keeps the queues within their limits: on jobs of all services, of a service and of a caller, and on the time that a job would
 * have to wait. Other processes on the same store may take them past a limit by what they accept within `refreshMs`.
 */
export function createAdmission({
  store,
  bus,
  clock,
  lanes,
  settings,
}: Pick<EngineParts, 'store' | 'bus' | 'clock' | 'lanes' | 'settings'>): Admission {
  const paceMax = new Map(lanes.map(({ service, rate }) => [service, rate === null ? Infinity : rate.limit / rate.perMs]));
  const drains = new Map<string, DrainRate>();
  /** Due jobs of each service, followed from one look to the next. */
  const depths = new Map<string, number>();
  /** Jobs on their way into the store. */
  const entering = new Counts();
  let last: Look | null = null;
  let looking: Promise<Look> | null = null;

  bus.subscribe((notice) => {
    if (notice.kind !== 'changed' || (notice.state !== 'queued' && notice.state !== 'running')) return;
    const { service, caller, state } = notice;
    const one = state === 'queued' ? 1 : -1;
    last?.grown.add(keysOf(caller, service), one);
    const depth = Math.max(0, (depths.get(service) ?? 0) + one);
    depths.set(service, depth);
    if (state === 'running') drainOf(service).started(clock.now(), depth > 0);
  });

  function drainOf(service: string): DrainRate {
    const known = drains.get(service) ?? new DrainRate();
    drains.set(service, known);
    return known;
  }

  function isFresh(look: Look | null): look is Look {
    return look !== null && clock.now() - look.at < refreshMs;
  }

  /** A look that is not old and knows of the caller. */
  async function currentLook(caller: string): Promise<Look> {
    const look = isFresh(last) ? last : await lookAgain();
    const jobsMax = settings.callerQueuedJobsMax;
    if (jobsMax !== null && !look.ofCallers.has(caller)) look.ofCallers.set(caller, await store.queuedOf(caller, jobsMax));
    return look;
  }

  function lookAgain(): Promise<Look> {
    looking ??= read().finally(() => {
      looking = null;
    });
    return looking;
  }

  async function read(): Promise<Look> {
    const queues = new Map((await store.queues()).map((queue) => [queue.service, queue]));
    for (const [service, { counts, delayed, paused }] of queues) {
      depths.set(service, Math.max(0, counts.queued - delayed));
      if (paused || counts.queued <= delayed) drains.get(service)?.interrupted();
    }
    last = { at: clock.now(), queues, ofCallers: new Map(), grown: new Counts() };
    return last;
  }

  function pace(service: string): number | null {
    const perMs = drains.get(service)?.perMs(clock.now()) ?? null;
    return perMs === null ? null : Math.min(perMs, paceMax.get(service) ?? Infinity);
  }

  function paceOfAll(): number | null {
    const known = [...drains.keys()].map(pace).filter((perMs) => perMs !== null);
    return known.length === 0 ? null : known.reduce((sum, perMs) => sum + perMs, 0);
  }

  /** How many there are of what the key stands for, besides those that were read. */
  const moreOf = (look: Look, key: string) => look.grown.of(key) + entering.of(key);

  function expectedWait(look: Look, service: string): number | null {
    const queue = look.queues.get(service);
    const due = (queue?.counts.queued ?? 0) - (queue?.delayed ?? 0) + moreOf(look, dueKey(service));
    if (due <= 0) return 0;
    const perMs = queue?.paused === true ? null : pace(service);
    return perMs === null ? null : due / perMs;
  }

  function refuseCaller(look: Look, caller: string, service: string | null): void {
    const jobsMax = settings.callerQueuedJobsMax;
    if (jobsMax === null || (look.ofCallers.get(caller) ?? 0) + moreOf(look, callerKey(caller)) < jobsMax) return;
    const seconds = secondsForRoom(jobsMax, service === null ? paceOfAll() : pace(service));
    throw refusal('quota-exceeded', `${jobsMax} jobs of this caller are waiting, which is the limit.`, seconds);
  }

  function refuseAll(look: Look): void {
    const jobsMax = settings.queuedJobsMax;
    let jobs = moreOf(look, allKey);
    for (const { counts } of look.queues.values()) jobs += counts.queued;
    if (jobs >= jobsMax) throw queueFull();
  }

  function refuseDepth(look: Look, service: string): void {
    const jobsMax = settings.serviceQueuedJobsMax[service];
    const jobs = (look.queues.get(service)?.counts.queued ?? 0) + moreOf(look, serviceKey(service));
    if (jobsMax === undefined || jobs < jobsMax) return;
    const seconds = secondsForRoom(jobsMax, pace(service));
    throw refusal('queue-full', `${jobsMax} jobs of ${service} are waiting, which is the limit.`, seconds);
  }

  function refuseWait(look: Look, service: string): void {
    const waitMax = settings.serviceQueueWaitMax[service] ?? settings.queueWaitMaxMs;
    const wait = expectedWait(look, service);
    if (wait === null || wait <= waitMax) return;
    const told = `A job of ${service} would wait about ${inSeconds(wait)}; the limit is ${formatDuration(waitMax)}.`;
    throw refusal('queue-full', told, (wait - waitMax) / 1000);
  }

  function queueFull(): ServiceError {
    const jobsMax = settings.queuedJobsMax;
    return refusal('queue-full', `${jobsMax} jobs are waiting, which is the limit.`, secondsForRoom(jobsMax, paceOfAll()));
  }

  return {
    async check(caller, service) {
      const look = await currentLook(caller);
      refuseCaller(look, caller, service);
      refuseAll(look);
      if (service === null) return;
      refuseDepth(look, service);
      refuseWait(look, service);
    },
    async enter({ caller, service, runAt }) {
      const look = await currentLook(caller);
      // Nothing is awaited from here to where the place is taken: of many that come together, none gets past a limit.
      const isDue = runAt <= store.now();
      refuseCaller(look, caller, service);
      refuseAll(look);
      refuseDepth(look, service);
      if (isDue) refuseWait(look, service);
      const keys = keysOf(caller, service).slice(0, isDue ? undefined : -1);
      entering.add(keys, 1);
      return () => entering.add(keys, -1);
    },
    expectedWaitMs: async (service) => expectedWait(isFresh(last) ? last : await lookAgain(), service),
    queueFull,
    pauseChanged(service) {
      drains.get(service)?.interrupted();
      last = null;
    },
  };
}

/** Without a stack, which costs much where thousands a second are refused and tells nothing that the code does not. */
function refusal(code: ErrorCode, detail: string, seconds: number): ServiceError {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return new ServiceError(code, detail, { retryAfterSeconds: spread(seconds) });
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** Until some of so many jobs have gone. */
function secondsForRoom(jobsMax: number, perMs: number | null): number {
  return perMs === null ? retrySecondsUnknown : Math.max(1, jobsMax * roomShare) / perMs / 1000;
}

/** Up to half as long again, so that those who were refused together do not come again together. */
function spread(seconds: number): number {
  return Math.min(retrySecondsMax, Math.max(1, Math.ceil(seconds * (1 + Math.random() / 2))));
}

function inSeconds(ms: number): string {
  return formatDuration(Math.max(1, Math.round(ms / 1000)) * 1000);
}

const allKey = '';
const serviceKey = (service: string): string => `service ${service}`;
const callerKey = (caller: string): string => `caller ${caller}`;
const dueKey = (service: string): string => `due ${service}`;

/** What a job counts for; as a due one last. */
function keysOf(caller: string, service: string): string[] {
  return [allKey, callerKey(caller), serviceKey(service), dueKey(service)];
}

class Counts {
  readonly #counts = new Map<string, number>();

  of(key: string): number {
    return this.#counts.get(key) ?? 0;
  }

  add(keys: readonly string[], count: number): void {
    for (const key of keys) {
      const sum = this.of(key) + count;
      if (sum === 0) this.#counts.delete(key);
      else this.#counts.set(key, sum);
    }
  }
}
