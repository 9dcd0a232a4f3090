import type { TableCell } from './contract.ts';
import { type Grid, textOf } from './grid.ts';

export type Rows = readonly (readonly TableCell[])[];

/** The rows as HTML has them: a cell that a span covers is absent. */
export function rowsOf({ cells, rowCount }: Grid): TableCell[][] {
  const rows = Array.from({ length: rowCount }, (): TableCell[] => []);
  for (const { row, rowspan, colspan, words } of cells) rows[row]?.push({ text: textOf(words), rowspan, colspan });
  return rows;
}
