import type { Database } from 'better-sqlite3';
import type { InsertedRow } from './rows.ts';

/**
 * Keeps counts, turns and delays for jobs that come in, once for many of them: triggers, which keep them for jobs that change or
 * go, would do it for each, and are what makes SQLite note how to undo each insert.
 */
export function arrivals(database: Database) {
  const count = database.prepare('INSERT INTO counts VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET jobs = jobs + excluded.jobs');
  const delay = database.prepare('INSERT INTO delays VALUES (?, ?) ON CONFLICT DO UPDATE SET jobs = jobs + excluded.jobs');
  const beginTurn = database.prepare(
    `INSERT INTO turns SELECT @service, @caller, 1 + coalesce(max(turn), 0) FROM turns WHERE service = @service
     ON CONFLICT DO NOTHING`,
  );

  return (rows: readonly InsertedRow[]): void => {
    for (const alike of groups(rows)) {
      const [, caller, service, state, ready] = alike.row;
      count.run(state, service, alike.jobs);
      if (ready === 1) beginTurn.run({ service, caller });
      if (ready === 0) delay.run(service, alike.jobs);
    }
  };
}

interface Alike {
  readonly row: InsertedRow;
  jobs: number;
}

/** Neighbours of one caller, service and state: the jobs of a call mostly are. */
function groups(rows: readonly InsertedRow[]): Alike[] {
  const all: Alike[] = [];
  for (const row of rows) {
    const last = all.at(-1);
    if (last !== undefined && isAlike(last.row, row)) last.jobs += 1;
    else all.push({ row, jobs: 1 });
  }
  return all;
}

function isAlike(a: InsertedRow, b: InsertedRow): boolean {
  const [, callerA, serviceA, stateA, readyA] = a;
  const [, callerB, serviceB, stateB, readyB] = b;
  return callerA === callerB && serviceA === serviceB && stateA === stateB && readyA === readyB;
}
