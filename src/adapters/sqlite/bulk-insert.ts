import type { Database } from 'better-sqlite3';

export type ColumnValue = string | number | null;

/** So many rows go in with one statement: starting a statement costs as much as a row. */
const rowsMax = 32;

/**
 * Inserts rows into a table, given with its columns: many with one statement, and what remains one by one. `constants` are the
 * columns that are the same in each row, with their values in SQL.
 */
export function bulkInsert(
  database: Database,
  table: string,
  columns: readonly string[],
  constants: Readonly<Record<string, string>> = {},
) {
  const row = `(${[...columns.map(() => '?'), ...Object.values(constants)].join(', ')})`;
  const insert = `INSERT INTO ${table} (${[...columns, ...Object.keys(constants)].join(', ')}) VALUES ${row}`;
  const one = database.prepare(insert);
  const many = database.prepare(`${insert}${`, ${row}`.repeat(rowsMax - 1)}`);

  // By place, not by name: binding thirty names would cost as much as the insert.
  return (rows: readonly (readonly ColumnValue[])[]): void => {
    let at = 0;
    for (; at + rowsMax <= rows.length; at += rowsMax) many.run(rows.slice(at, at + rowsMax).flat());
    for (const rest of rows.slice(at)) one.run(rest);
  };
}
