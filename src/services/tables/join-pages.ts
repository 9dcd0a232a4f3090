import type { Grid, GridCell } from './grid.ts';
import { textOf } from './grid.ts';

/** A table with the pages that it is on. */
export interface PlacedTable {
  readonly pages: readonly number[];
  readonly grid: Grid;
}

export interface TablePage {
  readonly number: number;
  readonly width: number;
  readonly height: number;
  readonly grids: readonly Grid[];
}

/** A table that goes on ends below this part of its page, and goes on above the other. */
const endsBelow = 0.7;
const beginsAbove = 0.35;
/** The edges of its parts differ by at most this part of the page. */
const edgeSlack = 0.05;

export function placedTables(pages: readonly TablePage[], isJoining: boolean): PlacedTable[] {
  const placed: PlacedTable[] = [];
  for (const [at, page] of pages.entries()) {
    for (const [place, grid] of page.grids.entries()) {
      const before = placed.at(-1);
      const isNext = before?.pages.at(-1) === page.number - 1;
      if (isJoining && place === 0 && before !== undefined && isNext && isGoingOn(before.grid, pages[at - 1], grid, page))
        placed[placed.length - 1] = { pages: [...before.pages, page.number], grid: joined(before.grid, grid) };
      else placed.push({ pages: [page.number], grid });
    }
  }
  return placed;
}

function isGoingOn(above: Grid, from: TablePage | undefined, below: Grid, page: TablePage): boolean {
  if (from === undefined || above.columnCount !== below.columnCount) return false;
  const last = from.grids.at(-1);
  const isAtEnds = last !== undefined && last.area.bottom > endsBelow * from.height && below.area.top < beginsAbove * page.height;
  const slack = edgeSlack * page.width;
  const isAligned = Math.abs(above.area.left - below.area.left) < slack && Math.abs(above.area.right - below.area.right) < slack;
  return isAtEnds && isAligned;
}

/** The rows of both; a header that the second repeats is left out. */
function joined(above: Grid, below: Grid): Grid {
  const repeated = isRepeated(above, below) ? above.headerRows : 0;
  const shift = above.rowCount - repeated;
  const cells = below.cells.filter(({ row }) => row >= repeated).map((cell) => ({ ...cell, row: cell.row + shift }));
  const confidence = Math.min(above.confidence, below.confidence);
  return { ...above, confidence, cells: [...above.cells, ...cells], rowCount: shift + below.rowCount };
}

function isRepeated(above: Grid, below: Grid): boolean {
  const { headerRows } = above;
  const textsOf = (cells: readonly GridCell[]) => cells.filter(({ row }) => row < headerRows).map(({ words }) => textOf(words));
  return headerRows > 0 && below.rowCount > headerRows && textsOf(above.cells).join('\0') === textsOf(below.cells).join('\0');
}
