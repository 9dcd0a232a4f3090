import { expect, test } from 'vitest';
import { ManualClock } from '../../../test/support/manual-clock.ts';
import { actionsTable } from './actions-table.ts';
import { answersTable } from './answers-table.ts';
import { claims } from './claim.ts';
import { documentTables } from './documents/document-tables.ts';
import { finding } from './documents/find.ts';
import { endKey } from './documents/list-key.ts';
import { eventLog } from './event-log.ts';
import { filesTable } from './files-table.ts';
import { listQuery } from './job-list.ts';
import { jobsTable } from './jobs-table.ts';
import { openKept } from './kept-database.ts';
import { pruning } from './prune.ts';
import { queuesTable } from './queues-table.ts';
import { migrations } from './schema.ts';
import { storedAmounts } from './stored-amounts.ts';

const clock = new ManualClock();
const database = openKept(':memory:', {});
/** Every statement that is prepared on it. */
const prepared: string[] = [];
const prepare = database.prepare.bind(database);
const noting = (source: string) => {
  prepared.push(source);
  return prepare(source);
};
// The method has type parameters that a function around it cannot repeat.
database.prepare = noting as typeof database.prepare;
for (const migration of migrations) database.exec(migration);
const jobs = jobsTable(database, clock);
const queues = queuesTable(database, clock);
const tables = {
  jobs,
  queues,
  files: filesTable(database, clock),
  answers: answersTable(database, clock),
  actions: actionsTable(database, clock),
};
storedAmounts(database);
claims(database, clock, jobs, queues);
pruning(database, clock, tables);
eventLog(database);
const documents = documentTables(database, clock);
finding(database, documents);
// Made when it is first needed, for each number of levels.
documents.lists.before({ id: 1, entries: 0, levels: 3 }, endKey);
const sources = prepared.filter((source) => /^\s*(WITH|SELECT|UPDATE|DELETE)/.test(source));

function planOf(source: string): string[] {
  const plan = openKept(':memory:', {});
  for (const migration of migrations) plan.exec(migration);
  const count = (source.match(/\?/g) ?? []).length;
  const names = [...source.matchAll(/@(\w+)/g)].map(([, name]) => [name, null]);
  const values = count > 0 ? Array.from({ length: count }, () => null) : names.length > 0 ? [Object.fromEntries(names)] : [];
  const rows = plan.prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${source}`).all(...values);
  plan.close();
  return rows.map(({ detail }) => detail);
}

/** What may be read whole: tables of a few rows (services, services x states, sequences, one), an index that has only what is asked for, and what another step has found. */
const mayBeScanned =
  /^SCAN (CONSTANT ROW$|\(subquery-\d+\)|(counts|queues|stored|document_log|sqlite_sequence|pragma_page_\w+|answers USING INDEX answers_reserved|actions USING INDEX actions_open)\b)/;
const isCostly = (step: string) => (/^SCAN/.test(step) && !mayBeScanned.test(step)) || /TEMP B-TREE/.test(step);

test('no statement reads a whole table or sorts: each finds its rows by an index, however many there are', () => {
  expect(sources.length).toBeGreaterThan(30);
  for (const source of sources) expect({ source, costly: planOf(source).filter(isCostly) }).toEqual({ source, costly: [] });
});

test('a claim finds its job, the due jobs and the next turn by the indexes made for them', () => {
  const used = sources.flatMap(planOf).join('\n');
  for (const index of ['jobs_ready', 'jobs_delayed', 'turns_in_order', 'jobs_line', 'jobs_waiting_longest', 'jobs_by_source']) {
    expect(used).toContain(`INDEX ${index}`);
  }
});

test('the log of a caller is found by its index', () => {
  expect(sources.flatMap(planOf).join('\n')).toContain('events USING INDEX events_of_caller (caller=? AND rowid>?)');
});

test('every list is read in its order from an index', () => {
  const labels = [{}, { a: '1' }, { a: '1', b: '2' }];
  for (const service of [{}, { service: 'copy' }]) {
    for (const state of [{}, { state: 'failed' as const }]) {
      for (const label of labels) {
        for (const times of [{}, { createdAfter: 1 }, { createdAfter: 1, createdBefore: 2 }]) {
          const { text } = listQuery({ caller: 'ann', ...service, ...state, ...times, labels: label }, 10, '~');
          expect({ text, costly: planOf(text).filter(isCostly) }).toEqual({ text, costly: [] });
        }
      }
    }
  }
});
