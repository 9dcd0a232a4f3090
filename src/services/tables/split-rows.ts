import { type CellPlace, linesOf } from './grid.ts';
import type { Word } from './words.ts';

// Tables often have lines between their columns but not between their rows: the lines of text are the rows then.

/** So many lines of text side by side, in so many cells, are rows and no text that runs on. */
const linesMin = 3;
const cellsMin = 2;

/** Rows in which several cells have their lines at the same heights, each split into those lines. */
export function splitRows(cells: readonly CellPlace[]): CellPlace[] {
  const rowCount = Math.max(0, ...cells.map(({ row, rowspan }) => row + rowspan));
  const shifts: number[] = [];
  const parts = new Map<number, number[]>();
  let shift = 0;
  for (let row = 0; row < rowCount; row += 1) {
    shifts.push(shift);
    const baselines = commonLines(cells.filter((cell) => cell.row === row && cell.rowspan === 1));
    if (baselines === null) continue;
    parts.set(row, baselines);
    shift += baselines.length - 1;
  }
  shifts.push(shift);
  return cells.flatMap((cell) => {
    const baselines = cell.rowspan === 1 ? parts.get(cell.row) : undefined;
    const row = cell.row + (shifts[cell.row] ?? 0);
    const end = cell.row + cell.rowspan + (shifts[Math.min(cell.row + cell.rowspan, rowCount)] ?? 0);
    if (baselines === undefined) return [{ ...cell, row, rowspan: end - row }];
    return baselines.map((_, at) => ({ ...cell, row: row + at, rowspan: 1, words: wordsAt(cell.words, baselines, at) }));
  });
}

function wordsAt(words: readonly Word[], baselines: readonly number[], at: number): Word[] {
  return words.filter((word) => nearest(baselines, word.baseline) === at);
}

function nearest(baselines: readonly number[], baseline: number): number {
  let best = 0;
  for (const [at, each] of baselines.entries())
    if (Math.abs(each - baseline) < Math.abs((baselines[best] ?? 0) - baseline)) best = at;
  return best;
}

/** The base lines of the rows within a row, or null where it is one row. */
function commonLines(cells: readonly CellPlace[]): number[] | null {
  const filled = cells.filter(({ words }) => words.length > 0);
  if (filled.length < cellsMin) return null;
  const columns = filled.map(({ words }) => linesOf(words));
  const all = linesOf(filled.flatMap(({ words }) => words));
  if (all.length < linesMin) return null;
  const counts = columns.map((lines) => lines.length);
  const full = counts.filter((count) => count >= all.length * 0.8).length;
  return full >= Math.max(cellsMin, filled.length * 0.7) ? all.map((line) => line[0]?.baseline ?? 0) : null;
}
