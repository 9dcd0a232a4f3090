import type { Clock } from '../../core/clock.ts';
import { newId } from '../../core/ids.ts';
import { type Job, needsFetch } from '../../core/job.ts';
import { bookStart, nextStartAt } from '../../core/rate.ts';
import { start } from '../../core/transitions.ts';
import type { ClaimOutcome, ClaimRequest, ServiceLane } from '../../ports/job-store.ts';
import type { Tables } from './tables.ts';

/** Hands out jobs in turns. Looks through all jobs each time: this store is for tests and small tools. */
export class Claims {
  readonly #tables: Tables;
  readonly #clock: Clock;
  /** The callers of each service in the order of their turns. */
  readonly #turns = new Map<string, string[]>();
  /** The state of the rate of each service, see core/rate.ts. */
  readonly #bookedUntil = new Map<string, number>();

  constructor(tables: Tables, clock: Clock) {
    this.#tables = tables;
    this.#clock = clock;
  }

  claim(request: ClaimRequest): ClaimOutcome {
    const lanes = request.lanes.filter(({ service }) => !this.#tables.paused.has(service));
    const jobs: Job[] = [];
    let taking = lanes;
    while (taking.length > 0 && jobs.length < request.limit) {
      taking = taking.filter((lane) => {
        const mayFetch = jobs.filter((one) => needsFetch(one)).length < request.fetchesMax;
        const job = jobs.length < request.limit && this.#isOpen(lane) ? this.#next(lane.service, mayFetch) : undefined;
        if (job !== undefined) jobs.push(this.#hand(job, lane, request));
        return job !== undefined;
      });
    }
    const times = lanes.flatMap((lane) => this.#nextTimes(lane));
    return { jobs, nextAt: times.length === 0 ? null : Math.min(...times) };
  }

  #hand(job: Job, lane: ServiceLane, request: ClaimRequest): Job {
    const now = this.#clock.now();
    const { next, event } = start(job, { token: newId(), worker: request.worker, expiresAt: now + request.leaseMs }, now);
    this.#tables.put(next, event);
    const others = this.#turnsOf(job.service).filter((caller) => caller !== job.caller);
    const hasMore = this.#tables.due(job.service).some(({ caller }) => caller === job.caller);
    this.#turns.set(job.service, hasMore ? [...others, job.caller] : others);
    if (lane.rate !== null) this.#bookedUntil.set(job.service, bookStart(lane.rate, this.#booked(job.service), now));
    return next;
  }

  #next(service: string, mayFetch: boolean): Job | undefined {
    const due = this.#tables.due(service).filter((job) => mayFetch || !needsFetch(job));
    const [first] = this.#turnsOf(service).filter((caller) => due.some((job) => job.caller === caller));
    return due.filter((job) => job.caller === first).sort(byPriority)[0];
  }

  /** Callers keep their places; new ones come last; those who wait for nothing leave. */
  #turnsOf(service: string): string[] {
    const waiting = new Set(this.#tables.due(service).map(({ caller }) => caller));
    const known = (this.#turns.get(service) ?? []).filter((caller) => waiting.has(caller));
    return [...new Set([...known, ...waiting])];
  }

  #isOpen(lane: ServiceLane): boolean {
    return this.#hasSlot(lane) && this.#startAt(lane) <= this.#clock.now();
  }

  #hasSlot({ service, concurrency }: ServiceLane): boolean {
    if (concurrency === null) return true;
    return this.#tables.jobsIn('running').filter((job) => job.service === service).length < concurrency;
  }

  #startAt({ service, rate }: ServiceLane): number {
    const now = this.#clock.now();
    return rate === null ? now : nextStartAt(rate, this.#booked(service), now);
  }

  #nextTimes(lane: ServiceLane): number[] {
    const now = this.#clock.now();
    const delayed = this.#tables.jobsIn('queued').filter((job) => job.service === lane.service && job.runAt > now);
    const heldByRate = this.#hasSlot(lane) && this.#startAt(lane) > now && this.#tables.due(lane.service).length > 0;
    return [...delayed.map(({ runAt }) => runAt), ...(heldByRate ? [this.#startAt(lane)] : [])];
  }

  #booked(service: string): number | null {
    return this.#bookedUntil.get(service) ?? null;
  }
}

/** The highest priority first, then the oldest. */
export function byPriority(a: Job, b: Job): number {
  return b.priority - a.priority || (a.id < b.id ? -1 : 1);
}
