import { type CellPlace, linesOf } from './grid.ts';
import { textLines } from './segments.ts';
import type { Word } from './words.ts';

// Cells that lack a line on the paper: rows that only a shade marks, labels that stand beside ruled rows.

/** A cell over several columns whose words stand in those columns, wide apart, is as many cells. */
export function partColumns(cell: CellPlace, xs: readonly number[]): CellPlace[] {
  if (cell.colspan < 2 || !textLines(cell.words).some(({ segments }) => segments.length > 1)) return [cell];
  const edges = xs.slice(cell.column + 1, cell.column + cell.colspan);
  const isCrossed = cell.words.some(({ left, right }) => edges.some((x) => x > left + 2 && x < right - 2));
  if (isCrossed) return [cell];
  const parts = Array.from({ length: cell.colspan }, (_, at): { words: Word[] } & CellPlace => ({
    ...cell,
    column: cell.column + at,
    colspan: 1,
    words: [],
  }));
  for (const word of cell.words) parts[edges.filter((x) => x <= (word.left + word.right) / 2).length]?.words.push(word);
  const isParted = textLines(cell.words).every(({ segments }) => segments.every((segment) => within(segment, edges)));
  return isParted && parts.filter(({ words }) => words.length > 0).length > 1 ? parts : [cell];
}

function within({ left, right }: { left: number; right: number }, edges: readonly number[]): boolean {
  return !edges.some((x) => x > left + 2 && x < right - 2);
}

/** So many rows beside a cell with a line of text each: the lines belong to the rows. */
const rowsMin = 4;

export function partRows(cell: CellPlace, ys: readonly number[]): CellPlace[] {
  if (cell.rowspan < rowsMin) return [cell];
  const lines = linesOf(cell.words);
  if (lines.length !== cell.rowspan) return [cell];
  const edges = ys.slice(cell.row + 1, cell.row + cell.rowspan);
  const rowOf = (words: readonly Word[]) => {
    const middle = words.reduce((sum, { top, bottom }) => sum + (top + bottom) / 2, 0) / words.length;
    return edges.filter((y) => y <= middle).length;
  };
  const places = lines.map(rowOf);
  if (new Set(places).size < places.length) return [cell];
  return Array.from({ length: cell.rowspan }, (_, at) => ({
    ...cell,
    row: cell.row + at,
    rowspan: 1,
    words: lines[places.indexOf(at)] ?? [],
  }));
}
