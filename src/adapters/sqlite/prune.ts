import type { Database } from 'better-sqlite3';
import type { Clock } from '../../core/clock.ts';
import { hasEnded } from '../../core/job.ts';
import type { Pruned } from '../../ports/job-store.ts';
import { type JobRow, jobColumns, jobOf } from './rows.ts';
import { isEnded } from './schema.ts';
import type { Tables } from './submit.ts';

/** Removes what is past its time, at most `limit` of each kind. Belongs into a transaction of the caller. */
export function pruning(database: Database, clock: Clock, tables: Tables) {
  const statements = prepare(database);

  function expireResults(limit: number): number {
    const due = statements.ended.all(0, clock.now(), limit).map(jobOf);
    for (const { id } of due) {
      statements.deleteResult.run(id);
      statements.markPruned.run(id);
      tables.files.expireOfJob(id);
    }
    return due.length;
  }

  function deleteRecords(limit: number, recordMs: number): number {
    const due = statements.ended.all(1, clock.now() - recordMs, limit).map(jobOf);
    for (const job of due) tables.jobs.delete(job);
    return due.length;
  }

  function deleteFiles(limit: number): { files: number; blobs: string[] } {
    const due = tables.files.expired(limit);
    for (const { id } of due) tables.files.delete(id);
    const blobs = [...new Set(due.map(({ blob }) => blob))].filter((blob) => !tables.files.isReferred(blob));
    return { files: due.length, blobs: blobs.filter((blob) => !tables.files.drop(blob)) };
  }

  return (limit: number, recordMs: number): Pruned => ({
    results: expireResults(limit),
    jobs: deleteRecords(limit, recordMs),
    ...deleteFiles(limit),
    answers: tables.answers.prune(limit),
    actions: tables.actions.prune(limit),
  });
}

/** Takes an ended job of this version away; false where there is none. */
export function removeJob({ jobs, files }: Tables, id: string, version: number): boolean {
  const job = jobs.get(id);
  if (job === null || job.version !== version || !hasEnded(job.state)) return false;
  jobs.delete(job);
  files.expireOfJob(id);
  return true;
}

function prepare(database: Database) {
  return {
    ended: database
      .prepare<[number, number, number], JobRow>(
        `SELECT ${jobColumns} FROM jobs WHERE pruned = ? AND expires_at <= ? AND ${isEnded} ORDER BY expires_at LIMIT ?`,
      )
      .raw(),
    deleteResult: database.prepare('DELETE FROM results WHERE job = ?'),
    markPruned: database.prepare('UPDATE jobs SET pruned = 1 WHERE id = ?'),
  };
}
