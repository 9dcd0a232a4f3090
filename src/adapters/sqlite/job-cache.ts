import type { Database } from 'better-sqlite3';
import type { Job } from '../../core/job.ts';

const jobsMax = 1_000;
/** Options and labels may be long; what is kept shall not be. */
const charsMax = 4_096;

/** What may change about a job: its version rises with each change of state, the rest changes without. */
type Changing = [
  version: number,
  progress: string | null,
  leaseExpiresAt: number | null,
  pruned: number,
  sourceFile: string | null,
];

interface Entry {
  readonly job: Job;
  readonly changing: Changing;
}

/**
 * Keeps the jobs that were read last as objects: clients poll, and making the object costs more than looking whether it still
 * holds. Never stale, as each read asks the database. For a connection that only reads: a write that is rolled back would lie.
 */
export function jobCache(database: Database, read: (id: string) => Job | null) {
  const statement = database
    .prepare<[string], Changing>('SELECT version, progress, lease_expires_at, pruned, source_file FROM jobs WHERE id = ?')
    .raw();
  const kept = new Map<string, Entry>();

  return (id: string): Job | null => {
    const entry = kept.get(id);
    const changing = entry === undefined ? undefined : statement.get(id);
    if (entry !== undefined && changing !== undefined && isSame(entry.changing, changing)) return entry.job;
    kept.delete(id);
    const job = read(id);
    if (job !== null && isSmall(job)) keep(job);
    return job;
  };

  function keep(job: Job): void {
    const changing = statement.get(job.id);
    if (changing === undefined) return;
    if (kept.size >= jobsMax) for (const oldest of [...kept.keys()].slice(0, jobsMax / 10)) kept.delete(oldest);
    kept.set(job.id, { job, changing });
  }
}

function isSame(a: Changing, b: Changing): boolean {
  return a.every((value, at) => value === b[at]);
}

function isSmall({ options, labels, error }: Job): boolean {
  return JSON.stringify([options, labels, error]).length <= charsMax;
}
