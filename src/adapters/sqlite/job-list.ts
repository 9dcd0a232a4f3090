import type { Database, Statement } from 'better-sqlite3';
import { firstIdAt } from '../../core/ids.ts';
import type { Job } from '../../core/job.ts';
import type { JobFilter } from '../../ports/job-store.ts';
import { type JobRow, jobColumns, jobOf } from './rows.ts';

/** The id of a job is made within this time of its creation: by it the index of the ids finds the jobs of a time, too. */
const idMsMax = 60_000;
/** Sorts behind every id. */
const behindAll = '~';

/** Pages of the jobs of a caller, newest first. There is one statement for each combination of filters. */
export function jobList(database: Database) {
  const statements = new Map<string, Statement<unknown[], JobRow>>();

  function statementFor(text: string): Statement<unknown[], JobRow> {
    const known = statements.get(text);
    if (known !== undefined) return known;
    const statement = database.prepare<unknown[], JobRow>(text).raw();
    statements.set(text, statement);
    return statement;
  }

  return (filter: JobFilter, limit: number, before = behindAll): Job[] => {
    const { text, values } = listQuery(filter, limit, before);
    return statementFor(text)
      .all(...values)
      .map(jobOf);
  };
}

/** The first label leads where there is one: few jobs have it, so that it finds them faster than any other filter. */
export function listQuery(filter: JobFilter, limit: number, before: string): { text: string; values: (string | number)[] } {
  const [first, ...others] = Object.entries(filter.labels ?? {});
  const id = first === undefined ? 'jobs.id' : 'label.job';
  const conditions: [string, (string | number)[]][] = [[`${id} < ?`, [before]]];
  if (first === undefined) conditions.push(['jobs.caller = ?', [filter.caller]]);
  else conditions.push(['label.caller = ? AND label.key = ? AND label.value = ?', [filter.caller, ...first]]);
  if (filter.createdAfter !== undefined) {
    conditions.push([`${id} >= ?`, [firstIdAt(filter.createdAfter - idMsMax)]], ['jobs.created_at >= ?', [filter.createdAfter]]);
  }
  if (filter.createdBefore !== undefined) {
    conditions.push([`${id} < ?`, [firstIdAt(filter.createdBefore + idMsMax)]], ['jobs.created_at < ?', [filter.createdBefore]]);
  }
  if (filter.service !== undefined) conditions.push(['jobs.service = ?', [filter.service]]);
  if (filter.state !== undefined) conditions.push(['jobs.state = ?', [filter.state]]);
  for (const other of others) conditions.push([hasLabel, [filter.caller, ...other]]);
  const from = first === undefined ? 'jobs' : 'labels AS label CROSS JOIN jobs ON jobs.id = label.job';
  return {
    text: `SELECT ${jobColumns} FROM ${from} WHERE ${conditions.map(([text]) => text).join(' AND ')} ORDER BY ${id} DESC LIMIT ?`,
    values: [...conditions.flatMap(([, values]) => values), limit],
  };
}

const hasLabel = 'EXISTS (SELECT 1 FROM labels WHERE caller = ? AND key = ? AND value = ? AND job = jobs.id)';
