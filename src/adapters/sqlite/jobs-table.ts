import type { Database } from 'better-sqlite3';
import type { Clock } from '../../core/clock.ts';
import type { NewJobEvent } from '../../core/events.ts';
import type { Job, Progress } from '../../core/job.ts';
import type { AttachedInput, JobChange } from '../../ports/job-store.ts';
import { arrivals } from './arrivals.ts';
import { bulkInsert, type ColumnValue } from './bulk-insert.ts';
import type { PackedSubmission } from './packed-submission.ts';
import { attachedColumns, changingColumns, firstColumns, insertedColumns, type JobRow, jobColumns, jobOf } from './rows.ts';
import { isActive, isEnded } from './schema.ts';

export type JobsTable = ReturnType<typeof jobsTable>;

/** Reading and writing single jobs, their labels, results and history. Writes belong into a transaction of the caller. */
export function jobsTable(database: Database, clock: Clock) {
  const statements = prepare(database);

  const insertJobs = bulkInsert(database, 'jobs', insertedColumns, firstColumns);
  const appendEvents = bulkInsert(database, 'events', ['job', 'caller', 'type', 'at', 'data']);
  const noteArrivals = arrivals(database);

  return {
    get(id: string): Job | null {
      const row = statements.get.get(id);
      return row === undefined ? null : jobOf(row);
    },

    result: (id: string): string | null => statements.result.get(id) ?? null,

    reusable(reuseKey: string): Job | null {
      const row = statements.reusable.get(reuseKey, clock.now());
      return row === undefined ? null : jobOf(row);
    },

    lost(limit: number, all: boolean): Job[] {
      return statements.lost.all(all ? Number.MAX_SAFE_INTEGER : clock.now(), limit).map(jobOf);
    },

    pastDeadline: (limit: number): Job[] => statements.pastDeadline.all(clock.now(), limit).map(jobOf),

    insert(submissions: readonly PackedSubmission[]): void {
      const rows = submissions.map(({ row }) => row);
      insertJobs(rows);
      noteArrivals(rows);
      for (const { row, labels, advanced } of submissions) {
        const [id, caller] = row;
        if (advanced !== null) statements.advance.run(advanced);
        for (const [key, value] of Object.entries(labels)) statements.insertLabel.run(caller, key, value, id);
      }
      const now = clock.now();
      appendEvents(submissions.flatMap((submission) => eventRows(submission, now)));
    },

    /** Writes the changed job and its event; false, with nothing written, where the fence does not hold. */
    update(next: Job, event: NewJobEvent, fence: JobChange['fence']): boolean {
      const columns = { id: next.id, ...changingColumns(next, clock.now()) };
      const { changes } =
        'lease' in fence
          ? statements.updateLeased.run({ ...columns, fence: fence.lease })
          : statements.updateVersion.run({ ...columns, fence: fence.version });
      if (changes === 0) return false;
      appendEvents([[next.id, next.caller, event.type, clock.now(), JSON.stringify(event.data)]]);
      return true;
    },

    storeResult: (id: string, result: string): void => void statements.storeResult.run(id, result),

    /** False where the lease no longer holds. */
    beat(id: string, lease: string, expiresAt: number, progress: Progress | null): boolean {
      return statements.beat.run(expiresAt, progress === null ? null : JSON.stringify(progress), id, lease).changes > 0;
    },

    /** Gives a running job its source; false where the lease does not hold. */
    attachSource: (attached: AttachedInput): boolean => statements.attachSource.run(attachedColumns(attached)).changes > 0,

    delete(job: Job): void {
      for (const [key, value] of Object.entries(job.labels)) statements.deleteLabel.run(job.caller, key, value, job.id);
      // Its result and its events go with it (ON DELETE CASCADE).
      statements.delete.run(job.id);
    },
  };
}

function eventRows({ row: [id, caller], events }: PackedSubmission, now: number): ColumnValue[][] {
  const rows: ColumnValue[][] = [];
  for (let at = 0; at < events.length; at += 2) rows.push([id, caller, events[at] ?? null, now, events[at + 1] ?? null]);
  return rows;
}

function prepare(database: Database) {
  return {
    get: database.prepare<[string], JobRow>(`SELECT ${jobColumns} FROM jobs WHERE id = ?`).raw(),
    // pluck() gives the column itself, which the types of the library cannot say.
    result: database.prepare<[string], string>('SELECT json FROM results WHERE job = ?').pluck(),
    reusable: database
      .prepare<[string, number], JobRow>(
        `SELECT ${jobColumns} FROM jobs
       WHERE reuse_key = ? AND state = 'succeeded' AND pruned = 0 AND expires_at > ? ORDER BY id DESC LIMIT 1`,
      )
      .raw(),
    lost: database
      .prepare<[number, number], JobRow>(
        `SELECT ${jobColumns} FROM jobs WHERE state = 'running' AND lease_expires_at <= ? ORDER BY lease_expires_at LIMIT ?`,
      )
      .raw(),
    pastDeadline: database
      .prepare<[number, number], JobRow>(
        `SELECT ${jobColumns} FROM jobs WHERE deadline <= ? AND ${isActive} ORDER BY deadline LIMIT ?`,
      )
      .raw(),
    updateLeased: database.prepare(`${update} AND lease_token = @fence AND state = 'running'`),
    updateVersion: database.prepare(`${update} AND version = @fence`),
    advance: database.prepare(`UPDATE jobs SET ${changing} WHERE id = @id`),
    insertLabel: database.prepare('INSERT INTO labels VALUES (?, ?, ?, ?)'),
    storeResult: database.prepare('INSERT INTO results VALUES (?, ?) ON CONFLICT DO UPDATE SET json = excluded.json'),
    beat: database.prepare(
      `UPDATE jobs SET lease_expires_at = ?, progress = coalesce(?, progress) WHERE id = ? AND lease_token = ? AND state = 'running'`,
    ),
    // What is written there until then is the link: it stays beside the file.
    attachSource: database.prepare(
      `UPDATE jobs SET source = json_set(@source, '$.url', json_extract(source, '$.url'), '$.fresh', json_extract(source, '$.fresh')),
         source_file = @source_file, reuse_key = @reuse_key
       WHERE id = @id AND lease_token = @lease AND state = 'running'`,
    ),
    deleteLabel: database.prepare('DELETE FROM labels WHERE caller = ? AND key = ? AND value = ? AND job = ?'),
    delete: database.prepare(`DELETE FROM jobs WHERE id = ? AND ${isEnded}`),
  };
}

const changing = `
    state = @state, version = @version, ready = @ready, attempt = @attempt, hand_outs = @hand_outs, progress = @progress,
    run_at = @run_at, started_at = @started_at, finished_at = @finished_at, expires_at = @expires_at, deadline = @deadline,
    lease_token = @lease_token, lease_worker = @lease_worker, lease_expires_at = @lease_expires_at, error = @error,
    outputs = @outputs, reused_from = @reused_from, reuse_key = iif(@state = 'succeeded', @reuse_key, reuse_key)`;
const update = `UPDATE jobs SET ${changing}, pruned = 0 WHERE id = @id`;
