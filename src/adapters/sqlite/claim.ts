import type { Database } from 'better-sqlite3';
import type { Clock } from '../../core/clock.ts';
import { newId } from '../../core/ids.ts';
import { type Job, needsFetch } from '../../core/job.ts';
import { bookStart, nextStartAt } from '../../core/rate.ts';
import { start } from '../../core/transitions.ts';
import type { ClaimOutcome, ClaimRequest, ServiceLane } from '../../ports/job-store.ts';
import type { JobsTable } from './jobs-table.ts';
import type { QueuesTable } from './queues-table.ts';
import { type JobRow, jobColumns, jobOf } from './rows.ts';

/** So many delayed jobs of a service are let into the line by one claim; the next claim takes the rest. */
const dueMax = 1_000;

/** A lane during one claim: how many more jobs may start, and when. */
interface OpenLane {
  readonly lane: ServiceLane;
  slots: number;
  bookedUntil: number | null;
  /** When the rate allows the next start. */
  startAt: number;
}

/**
 * Hands out jobs. Every step is a look-up by an index: the caller whose turn it is (table `turns`), its best job, and the
 * delayed jobs that have fallen due. Triggers keep `turns` and the counts. Belongs into a transaction of the caller.
 */
export function claims(database: Database, clock: Clock, jobs: JobsTable, queues: QueuesTable) {
  const statements = prepare(database);

  function open(lane: ServiceLane): OpenLane[] {
    const { paused, bookedUntil } = queues.gate(lane.service);
    if (paused) return [];
    const next = statements.nextRunAt.get(lane.service);
    if (next !== undefined && next.run_at <= clock.now()) statements.admitDue.run(lane.service, clock.now(), dueMax);
    const slots = lane.concurrency === null ? Number.POSITIVE_INFINITY : lane.concurrency - queues.runningJobs(lane.service);
    return [{ lane, slots, bookedUntil, startAt: startAt(lane, bookedUntil, clock.now()) }];
  }

  function next(open: OpenLane, mayFetch: boolean): Job | null {
    if (open.slots <= 0 || open.startAt > clock.now()) return null;
    const row = (mayFetch ? statements.best : statements.bestFetched).get({ service: open.lane.service });
    return row === undefined ? null : jobOf(row);
  }

  function hand(job: Job, open: OpenLane, request: ClaimRequest): Job {
    const now = clock.now();
    const lease = { token: newId(), worker: request.worker, expiresAt: now + request.leaseMs };
    const started = start(job, lease, now);
    jobs.update(started.next, started.event, { version: job.version });
    statements.endTurn.run(job.service, job.service, job.caller);
    open.slots -= 1;
    if (open.lane.rate !== null) {
      open.bookedUntil = bookStart(open.lane.rate, open.bookedUntil, now);
      open.startAt = startAt(open.lane, open.bookedUntil, now);
      queues.book(job.service, open.bookedUntil);
    }
    return started.next;
  }

  /** When a lane that nothing else holds up may start a job, where that is known. */
  function nextTimes({ lane, slots, startAt }: OpenLane): number[] {
    const delayed = statements.nextRunAt.get(lane.service);
    const times = delayed === undefined ? [] : [delayed.run_at];
    const heldByRate = slots > 0 && startAt > clock.now() && statements.best.get({ service: lane.service }) !== undefined;
    return heldByRate ? [...times, startAt] : times;
  }

  return (request: ClaimRequest): ClaimOutcome => {
    const lanes = request.lanes.flatMap(open);
    const claimed: Job[] = [];
    let taking = lanes;
    let fetches = 0;
    while (taking.length > 0 && claimed.length < request.limit) {
      taking = taking.filter((lane) => {
        const job = claimed.length < request.limit ? next(lane, fetches < request.fetchesMax) : null;
        if (job === null) return false;
        if (needsFetch(job)) fetches += 1;
        claimed.push(hand(job, lane, request));
        return true;
      });
    }
    const times = lanes.flatMap(nextTimes);
    return { jobs: claimed, nextAt: times.length === 0 ? null : Math.min(...times) };
  };
}

function startAt(lane: ServiceLane, bookedUntil: number | null, now: number): number {
  return lane.rate === null ? now : nextStartAt(lane.rate, bookedUntil, now);
}

/** Exported for the test that asks SQLite how it would find the rows. */
export const claimQueries = {
  // Two look-ups, for jobs with and without a fetch, merged.
  best: `
    SELECT ${jobColumns} FROM jobs WHERE (id, priority) = (
      SELECT id, priority FROM jobs WHERE ready = 1 AND service = @service AND needs_fetch = 0
        AND caller = (SELECT caller FROM turns WHERE service = @service ORDER BY turn LIMIT 1)
      UNION ALL
      SELECT id, priority FROM jobs WHERE ready = 1 AND service = @service AND needs_fetch = 1
        AND caller = (SELECT caller FROM turns WHERE service = @service ORDER BY turn LIMIT 1)
      ORDER BY priority DESC, id LIMIT 1
    )`,
  // Passes over callers that have only links waiting: a look-up for each of them, however many links they have.
  bestFetched: `
    SELECT ${jobColumns} FROM jobs WHERE id = (
      SELECT id FROM jobs WHERE ready = 1 AND service = @service AND needs_fetch = 0 AND caller = (
        SELECT caller FROM turns WHERE service = @service AND EXISTS (
          SELECT 1 FROM jobs WHERE ready = 1 AND service = turns.service AND caller = turns.caller AND needs_fetch = 0
        ) ORDER BY turn LIMIT 1
      )
      ORDER BY priority DESC, id LIMIT 1
    )`,
  endTurn: `
    UPDATE turns SET turn = 1 + (SELECT max(turn) FROM turns WHERE service = ?) WHERE service = ? AND caller = ?`,
  admitDue: `
    UPDATE jobs SET ready = 1 WHERE id IN (SELECT id FROM jobs WHERE ready = 0 AND service = ? AND run_at <= ? ORDER BY run_at LIMIT ?)`,
  nextRunAt: 'SELECT run_at FROM jobs WHERE ready = 0 AND service = ? ORDER BY run_at LIMIT 1',
};

function prepare(database: Database) {
  return {
    best: database.prepare<[{ service: string }], JobRow>(claimQueries.best).raw(),
    bestFetched: database.prepare<[{ service: string }], JobRow>(claimQueries.bestFetched).raw(),
    endTurn: database.prepare(claimQueries.endTurn),
    admitDue: database.prepare(claimQueries.admitDue),
    nextRunAt: database.prepare<[string], { run_at: number }>(claimQueries.nextRunAt),
  };
}
