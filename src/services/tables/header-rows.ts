import { type GridCell, textOf } from './grid.ts';
import { isNumeric } from './segments.ts';

/** More rows are no header. */
const headerMax = 6;
/** Such a part of the cells beside the labels makes a row one of numbers. */
const numericMin = 0.4;

/** How many rows at the top name the columns: those before the first row of numbers, or the first where all is text. */
export function headerRows(cells: readonly GridCell[], rowCount: number): number {
  for (let row = 0; row < Math.min(rowCount, headerMax + 1); row += 1) {
    const texts = cells.filter((cell) => cell.row === row && cell.column > 0).map(({ words }) => textOf(words));
    const filled = texts.filter((text) => text !== '');
    const numbers = filled.filter((text) => isNumeric(text) && !/^(19|20)\d\d$/.test(text));
    if (numbers.length > 0 && numbers.length >= numericMin * filled.length) return widened(cells, row);
  }
  return rowCount > 1 ? widened(cells, 1) : 0;
}

/** A section label over the first numbers is none of the header; what spans down from it is. */
function widened(cells: readonly GridCell[], count: number): number {
  const labels = (row: number) => cells.filter((cell) => cell.row === row && cell.words.length > 0);
  let rows = count;
  while (rows > 1 && labels(rows - 1).length === 1 && labels(rows - 1)[0]?.column === 0) rows -= 1;
  const reach = cells.filter(({ row, words }) => row < rows && words.length > 0).map(({ row, rowspan }) => row + rowspan);
  return rows === 0 ? 0 : Math.min(Math.max(rows, ...reach), headerMax);
}
