import type { Database } from 'better-sqlite3';
import type { Clock } from '../../core/clock.ts';
import type { JobState } from '../../core/job.ts';
import type { QueueState } from '../../ports/job-store.ts';

export type QueuesTable = ReturnType<typeof queuesTable>;

/** So many jobs that fell due since the last claim are looked at when a queue is described. */
const dueMax = 1_000;

interface Due {
  id: string;
  priority: number;
  created_at: number;
}

/** Services as queues: pauses, counts, what waits, and the state of their rates. */
export function queuesTable(database: Database, clock: Clock) {
  const statements = prepare(database);

  function waits(service: string): Pick<QueueState, 'delayed' | 'oldestQueuedAt'> {
    // Jobs that have fallen due are marked ready by the next claim only, which does not come while nobody works.
    const due = statements.due.all(service, clock.now(), dueMax).map((job) => job.created_at);
    const ready = statements.oldestReady.get(service)?.created_at;
    const all = ready === undefined ? due : [ready, ...due];
    const delayed = (statements.delayed.get(service)?.jobs ?? 0) - due.length;
    return { delayed, oldestQueuedAt: all.length === 0 ? null : Math.min(...all) };
  }

  return {
    queuedJobs: (): number => statements.queuedJobs.get()?.jobs ?? 0,
    queuedOf: (caller: string, limit: number): number => statements.queuedOf.get(caller, limit)?.jobs ?? 0,
    runningJobs: (service: string): number => statements.runningJobs.get(service)?.jobs ?? 0,

    gate(service: string): { paused: boolean; bookedUntil: number | null } {
      const row = statements.queue.get(service);
      return { paused: row?.paused === 1, bookedUntil: row?.booked_until ?? null };
    },

    book: (service: string, bookedUntil: number): void => void statements.book.run(service, bookedUntil),
    setPaused: (service: string, paused: boolean): void => void statements.setPaused.run(service, paused ? 1 : 0),

    line(service: string, limit: number): string[] {
      const ready = statements.line.all(service, limit);
      const due = statements.due.all(service, clock.now(), Math.min(limit, dueMax));
      const order = (a: Due, b: Due): number => b.priority - a.priority || (a.id < b.id ? -1 : 1);
      return (due.length === 0 ? ready : [...ready, ...due].sort(order)).slice(0, limit).map((job) => job.id);
    },

    all(): QueueState[] {
      const paused = new Map(statements.pauses.all().map((row) => [row.service, row.paused === 1]));
      const counts = new Map([...paused.keys()].map((service) => [service, emptyCounts()]));
      for (const { service, state, jobs } of statements.counts.all()) {
        counts.set(service, { ...(counts.get(service) ?? emptyCounts()), [state]: jobs });
      }
      return [...counts.keys()].sort().map((service) => ({
        service,
        paused: paused.get(service) ?? false,
        counts: counts.get(service) ?? emptyCounts(),
        ...waits(service),
      }));
    },
  };
}

function emptyCounts(): Record<JobState, number> {
  return { queued: 0, running: 0, succeeded: 0, failed: 0, canceled: 0 };
}

function prepare(database: Database) {
  return {
    queuedJobs: database.prepare<[], { jobs: number | null }>(`SELECT sum(jobs) AS jobs FROM counts WHERE state = 'queued'`),
    queuedOf: database.prepare<[string, number], { jobs: number }>(
      `SELECT count(*) AS jobs FROM (SELECT 1 FROM jobs WHERE caller = ? AND state = 'queued' LIMIT ?)`,
    ),
    runningJobs: database.prepare<[string], { jobs: number }>(`SELECT jobs FROM counts WHERE state = 'running' AND service = ?`),
    queue: database.prepare<[string], { paused: number; booked_until: number | null }>(
      'SELECT paused, booked_until FROM queues WHERE service = ?',
    ),
    book: database.prepare(
      'INSERT INTO queues (service, booked_until) VALUES (?, ?) ON CONFLICT DO UPDATE SET booked_until = excluded.booked_until',
    ),
    setPaused: database.prepare(
      'INSERT INTO queues (service, paused) VALUES (?, ?) ON CONFLICT DO UPDATE SET paused = excluded.paused',
    ),
    pauses: database.prepare<[], { service: string; paused: number }>('SELECT service, paused FROM queues'),
    counts: database.prepare<[], { service: string; state: JobState; jobs: number }>('SELECT service, state, jobs FROM counts'),
    line: database.prepare<[string, number], Due>(
      'SELECT id, priority, created_at FROM jobs WHERE ready = 1 AND service = ? ORDER BY priority DESC, id LIMIT ?',
    ),
    due: database.prepare<[string, number, number], Due>(
      'SELECT id, priority, created_at FROM jobs WHERE ready = 0 AND service = ? AND run_at <= ? ORDER BY run_at LIMIT ?',
    ),
    delayed: database.prepare<[string], { jobs: number }>('SELECT jobs FROM delays WHERE service = ?'),
    oldestReady: database.prepare<[string], { created_at: number }>(
      'SELECT created_at FROM jobs WHERE ready = 1 AND service = ? ORDER BY created_at LIMIT 1',
    ),
  };
}
