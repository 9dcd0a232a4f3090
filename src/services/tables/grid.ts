import type { Area } from './frame.ts';
import type { Word } from './words.ts';

/** A table as it was found, in the frame of its page. */
export interface Grid {
  readonly area: Area;
  readonly method: 'lattice' | 'stream';
  /** 0 to 1: how well what is there fits the grid. */
  readonly confidence: number;
  readonly headerRows: number;
  readonly rowCount: number;
  readonly columnCount: number;
  /** Each place of the grid is covered by one cell. In order of rows. */
  readonly cells: readonly GridCell[];
}

export interface GridCell {
  readonly row: number;
  readonly column: number;
  readonly rowspan: number;
  readonly colspan: number;
  readonly words: readonly Word[];
}

/** A cell before it is known how many rows and columns stay. */
export type CellPlace = GridCell;

/** Without rows and columns in which no cell begins that has text; what spans them becomes smaller. */
export function compacted(cells: readonly CellPlace[]): { cells: GridCell[]; rowCount: number; columnCount: number } {
  const filled = cells.filter(({ words }) => words.length > 0);
  const rows = [...new Set(filled.map(({ row }) => row))].toSorted((a, b) => a - b);
  const columns = [...new Set(filled.map(({ column }) => column))].toSorted((a, b) => a - b);
  const kept = (places: readonly number[], from: number, count: number) =>
    places.filter((place) => place >= from && place < from + count);
  const places = filled.map((cell) => ({
    row: rows.indexOf(cell.row),
    column: columns.indexOf(cell.column),
    rowspan: kept(rows, cell.row, cell.rowspan).length,
    colspan: kept(columns, cell.column, cell.colspan).length,
    words: cell.words,
  }));
  return { cells: withEmpty(places, rows.length, columns.length), rowCount: rows.length, columnCount: columns.length };
}

/** Empty cells wherever none is; a span that would cover another cell is given up. */
function withEmpty(places: readonly GridCell[], rowCount: number, columnCount: number): GridCell[] {
  const taken = Array.from({ length: rowCount }, () => new Array<boolean>(columnCount).fill(false));
  for (const { row, column } of places) if (taken[row] !== undefined) taken[row][column] = true;
  const cells = places.map((cell) => claim(cell, taken));
  for (const [row, columns] of taken.entries())
    for (const [column, isTaken] of columns.entries())
      if (!isTaken) cells.push({ row, column, rowspan: 1, colspan: 1, words: [] });
  return cells.toSorted((a, b) => a.row - b.row || a.column - b.column);
}

function claim(cell: GridCell, taken: boolean[][]): GridCell {
  const covered: [number, number][] = [];
  for (let row = cell.row; row < cell.row + cell.rowspan; row += 1)
    for (let column = cell.column; column < cell.column + cell.colspan; column += 1)
      if (row !== cell.row || column !== cell.column) covered.push([row, column]);
  if (covered.some(([row, column]) => taken[row]?.[column] !== false)) return { ...cell, rowspan: 1, colspan: 1 };
  for (const [row, column] of covered) if (taken[row] !== undefined) taken[row][column] = true;
  return cell;
}

/** Words in lines, from top to bottom, each from left to right. */
export function linesOf(words: readonly Word[]): Word[][] {
  const lines: Word[][] = [];
  for (const word of words.toSorted((a, b) => a.baseline - b.baseline)) {
    const line = lines.at(-1);
    if (line !== undefined && isSameLine(line, word)) line.push(word);
    else lines.push([word]);
  }
  return lines.map((line) => line.toSorted((a, b) => a.left - b.left));
}

/** Base lines of one line differ by less than this part of the size; raised and lowered words by somewhat more. */
const sameLine = 0.35;

function isSameLine(line: readonly Word[], word: Word): boolean {
  const [first] = line;
  if (first === undefined) return false;
  const size = Math.max(first.size, word.size);
  return word.baseline - first.baseline <= sameLine * size;
}

export function textOf(words: readonly Word[]): string {
  const upright = linesOf(words.filter(({ isTurned }) => !isTurned)).map((line) => line.map(({ text }) => text).join(' '));
  const sideways = words.filter(({ isTurned }) => isTurned).toSorted((a, b) => a.left - b.left || b.bottom - a.bottom);
  return [...upright, ...(sideways.length > 0 ? [sideways.map(({ text }) => text).join(' ')] : [])].join('\n');
}
