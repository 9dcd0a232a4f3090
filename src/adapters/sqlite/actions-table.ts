import type { Database } from 'better-sqlite3';
import type { Clock } from '../../core/clock.ts';
import type { ActionName, ActionStep, ActionTarget, JobAction } from '../../ports/job-actions.ts';
import { parse } from './rows.ts';

export type ActionsTable = ReturnType<typeof actionsTable>;

interface ActionRow {
  id: string;
  caller: string;
  action: ActionName;
  target: string;
  cursor: string | null;
  matched: number;
  done: number;
  skipped: number;
  missing: number;
  trace_id: string;
  created_at: number;
  finished_at: number | null;
  expires_at: number;
}

/** What is to be done to many jobs. Writes belong into a transaction of the caller. */
export function actionsTable(database: Database, clock: Clock) {
  const statements = prepare(database);

  return {
    insert(action: JobAction): void {
      const { id, caller, target, cursor, traceId, createdAt, finishedAt, expiresAt } = action;
      statements.insert.run({
        id,
        caller,
        action: action.action,
        target: JSON.stringify(target),
        cursor,
        ...action.counts,
        trace_id: traceId,
        created_at: createdAt,
        finished_at: finishedAt,
        expires_at: expiresAt,
      } satisfies ActionRow);
    },

    get: (id: string): JobAction | null => actionOf(statements.get.get(id)),
    next: (): JobAction | null => actionOf(statements.next.get()),

    /** False where it does not stand at `from`. */
    advance({ id, from, cursor, counts, finishedAt }: ActionStep): boolean {
      return statements.advance.run({ id, from, cursor, ...counts, finishedAt }).changes > 0;
    },

    prune: (limit: number): number => statements.prune.run(clock.now(), limit).changes,
  };
}

function actionOf(row: ActionRow | undefined): JobAction | null {
  if (row === undefined) return null;
  const { id, caller, action, target, cursor, matched, done, skipped, missing } = row;
  return {
    id,
    caller,
    action,
    target: parse<ActionTarget>(target),
    cursor,
    counts: { matched, done, skipped, missing },
    traceId: row.trace_id,
    createdAt: row.created_at,
    finishedAt: row.finished_at,
    expiresAt: row.expires_at,
  };
}

function prepare(database: Database) {
  return {
    insert: database.prepare(
      `INSERT INTO actions (id, caller, action, target, cursor, matched, done, skipped, missing, trace_id, created_at, finished_at, expires_at)
       VALUES (@id, @caller, @action, @target, @cursor, @matched, @done, @skipped, @missing, @trace_id, @created_at, @finished_at, @expires_at)`,
    ),
    get: database.prepare<[string], ActionRow>('SELECT * FROM actions WHERE id = ?'),
    next: database.prepare<[], ActionRow>('SELECT * FROM actions WHERE finished_at IS NULL ORDER BY id LIMIT 1'),
    advance: database.prepare(
      `UPDATE actions SET cursor = @cursor, matched = @matched, done = @done, skipped = @skipped, missing = @missing,
         finished_at = @finishedAt
       WHERE id = @id AND cursor IS @from AND finished_at IS NULL`,
    ),
    prune: database.prepare(
      `DELETE FROM actions WHERE id IN (
         SELECT id FROM actions WHERE finished_at IS NOT NULL AND expires_at <= ? ORDER BY expires_at LIMIT ?)`,
    ),
  };
}
