import type { Database } from 'better-sqlite3';

export type ColumnValue = string | number | null;

/** So many rows go in with one statement: starting a statement costs as much as a row. */
const rowsMax = 32;

/** Inserts rows into a table, given with its columns: many with one statement, and what remains one by one. */
export function bulkInsert(database: Database, table: string, columns: readonly string[]) {
  const row = `(?${', ?'.repeat(columns.length - 1)})`;
  const insert = `INSERT INTO ${table} (${columns.join(', ')}) VALUES ${row}`;
  const one = database.prepare(insert);
  const many = database.prepare(`${insert}${`, ${row}`.repeat(rowsMax - 1)}`);

  // By place, not by name: binding thirty names would cost as much as the insert.
  return (rows: readonly (readonly ColumnValue[])[]): void => {
    let at = 0;
    for (; at + rowsMax <= rows.length; at += rowsMax) many.run(rows.slice(at, at + rowsMax).flat());
    for (const rest of rows.slice(at)) one.run(rest);
  };
}
