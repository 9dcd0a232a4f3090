import type { Database } from 'better-sqlite3';
import type { Clock } from '../../core/clock.ts';
import type { Answer, IdempotencyKey, KeptAnswer, Reservation } from '../../ports/job-store.ts';
import { parse } from './rows.ts';

export type AnswersTable = ReturnType<typeof answersTable>;

interface AnswerRow {
  token: string;
  expires_at: number;
  fingerprint: string | null;
  answer: string | null;
}

/** Reservations of idempotency keys and the answers kept for them. Writes belong into a transaction of the caller. */
export function answersTable(database: Database, clock: Clock) {
  const statements = prepare(database);

  return {
    reserve({ caller, key }: IdempotencyKey, token: string, leaseMs: number): Reservation {
      const row = statements.get.get(caller, key);
      const held = row !== undefined && row.expires_at > clock.now();
      if (held && !(row.token === token && row.fingerprint === null)) {
        if (row.fingerprint === null || row.answer === null) return { kind: 'in-progress' };
        return { kind: 'answered', fingerprint: row.fingerprint, answer: parse<Answer>(row.answer) };
      }
      statements.reserve.run(caller, key, token, clock.now() + leaseMs);
      return { kind: 'reserved' };
    },

    unreserve: ({ caller, key }: IdempotencyKey, token: string): void => void statements.unreserve.run(caller, key, token),

    unreserveAll: (): number => statements.unreserveAll.run().changes,

    /** Whether the answer may be kept: its reservation was neither taken over nor answered. */
    mayKeep({ caller, key, token }: KeptAnswer): boolean {
      const row = statements.get.get(caller, key);
      return row !== undefined && row.token === token && row.fingerprint === null;
    },

    /** Whether a later answer of the same request may take the place of the first. */
    mayReplace({ caller, key, token }: KeptAnswer): boolean {
      return statements.get.get(caller, key)?.token === token;
    },

    keep({ caller, key, fingerprint, answer, keepMs }: KeptAnswer): void {
      statements.keep.run(fingerprint, JSON.stringify(answer), clock.now() + keepMs, caller, key);
    },

    prune: (limit: number): number => statements.prune.run(clock.now(), limit).changes,
  };
}

function prepare(database: Database) {
  return {
    get: database.prepare<[string, string], AnswerRow>(
      'SELECT token, expires_at, fingerprint, answer FROM answers WHERE caller = ? AND key = ?',
    ),
    reserve: database.prepare(
      `INSERT INTO answers (caller, key, token, expires_at) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET token = excluded.token, expires_at = excluded.expires_at, fingerprint = NULL, answer = NULL`,
    ),
    unreserve: database.prepare('DELETE FROM answers WHERE caller = ? AND key = ? AND token = ? AND fingerprint IS NULL'),
    unreserveAll: database.prepare('DELETE FROM answers WHERE fingerprint IS NULL'),
    keep: database.prepare('UPDATE answers SET fingerprint = ?, answer = ?, expires_at = ? WHERE caller = ? AND key = ?'),
    prune: database.prepare(
      'DELETE FROM answers WHERE rowid IN (SELECT rowid FROM answers WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)',
    ),
  };
}
