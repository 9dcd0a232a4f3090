import type { Clock } from '../core/clock.ts';
import type { Job } from '../core/job.ts';
import { limits } from '../core/limits.ts';
import type { ServiceLane } from '../ports/job-store.ts';

/**
 * How much work may lie ready beside an executor, in time: enough to bridge a commit, too little to matter to another worker. Of
 * services whose jobs take longer, one job each may; of those whose jobs are not short, none: another worker may be idle.
 */
const windowMs = 50;
const shortMs = limits.shortJobMs;
const jobsPerExecutorMax = 16;
/** So long at most do services with long jobs wait for their turn while short ones are claimed ahead. */
const ownTurnMs = 100;
/** Half of it is left for the claim. */
const turnDueMs = ownTurnMs / 2;
/** After a long job turned up among short ones, every job is claimed in turn for a while. */
const mixedMs = 1_000;
const weightOfNewest = 0.2;

export interface Lookahead {
  /** Whether its jobs take so little that some may be claimed ahead, and one may lie ready behind another. */
  isShort(service: string): boolean;
  /**
   * What may be claimed beyond the idle executors, where `ahead` jobs lie ready already: how many, and of which services; the second
   * where the first gave nothing.
   */
  allowances(executors: number, ahead: number): { limit: number; lanes: ServiceLane[] }[];
  /**
   * Whether a job is to be claimed with all services taking their turns although short ones still lie ready: soon nothing could be
   * claimed ahead any more before that, and the executors would stand idle for it.
   */
  isTurnDue(): boolean;
  /** Jobs were claimed with all services taking their turns. */
  claimedInTurn(jobs: readonly Job[]): void;
  /** A job of the service took so long from the executor's folder to its outputs. */
  took(service: string, ms: number): void;
}

/**
 * Decides how far ahead a worker claims. Short jobs would leave their executors idle for a commit after each job; a few
 * that are claimed ahead bridge it, and their settling then shares commits. Long jobs are claimed when an executor is free.
 */
export function createLookahead(lanes: readonly ServiceLane[], clock: Clock): Lookahead {
  const meanMs = new Map<string, number>();
  let inTurnAt = Number.NEGATIVE_INFINITY;
  let mixedUntil = Number.NEGATIVE_INFINITY;

  const msOf = (service: string) => meanMs.get(service) ?? Number.POSITIVE_INFINITY;
  const isShort = (service: string) => msOf(service) <= shortMs;

  return {
    isShort,
    allowances(executors, ahead) {
      const now = clock.now();
      if (now < mixedUntil || now - inTurnAt > ownTurnMs) return [];
      const quick = lanes.filter(({ service }) => msOf(service) <= windowMs);
      const slowestMs = Math.max(0.01, ...quick.map(({ service }) => msOf(service)));
      const each = Math.min(jobsPerExecutorMax, Math.floor(windowMs / slowestMs));
      const others = lanes.filter(({ service }) => isShort(service) && msOf(service) > windowMs);
      return [
        // A claim for each of them would undo what claiming ahead is for.
        { lanes: quick, limit: executors * each - ahead, atLeast: executors },
        { lanes: others, limit: executors - ahead, atLeast: 1 },
      ].filter((allowance) => allowance.lanes.length > 0 && allowance.limit >= allowance.atLeast);
    },
    isTurnDue() {
      const now = clock.now();
      return now >= mixedUntil && now - inTurnAt > turnDueMs;
    },
    claimedInTurn(jobs) {
      const now = clock.now();
      inTurnAt = now;
      if (jobs.some(({ service }) => !isShort(service))) mixedUntil = now + mixedMs;
    },
    took(service, ms) {
      const mean = meanMs.get(service);
      // The first job of a service loads its engine; it says nothing about those that follow.
      if (mean === undefined) meanMs.set(service, shortMs + 1);
      else meanMs.set(service, mean + (Math.min(ms, 10 * shortMs) - mean) * weightOfNewest);
    },
  };
}
