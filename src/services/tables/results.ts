import { turningBack } from '../../media/reading.ts';
import type { Options, Result } from './contract.ts';
import type { DonePage } from './done-page.ts';
import type { Area } from './frame.ts';
import type { PlacedTable } from './join-pages.ts';
import { rowsOf } from './rows.ts';

// What the result says of pages and tables, in the units of what was handed in.

export function pageResult({ number, width, height, rotation, isRecognized, scale }: DonePage): Result['pages'][number] {
  return { number, width: rounded(width / scale), height: rounded(height / scale), rotation, recognized: isRecognized };
}

export function tableResult(
  { pages: numbers, grid }: PlacedTable,
  pages: readonly DonePage[],
  { outputs }: Options,
): Result['tables'][number] {
  const [page = 0] = numbers;
  const own = pages.find(({ number }) => number === page);
  const scale = own?.scale ?? 1;
  return {
    page,
    pages: [...numbers],
    box: (own === undefined ? [] : boxOn(own, grid.area)).map((place) => rounded(place / scale)),
    method: grid.method,
    confidence: grid.confidence,
    headerRows: grid.headerRows,
    columns: grid.columnCount,
    ...(outputs.includes('json') && { rows: rowsOf(grid) }),
  };
}

/** x, y, width and height on the page as it is shown, though it may have been levelled to be read. */
function boxOn(page: DonePage, { left, top, right, bottom }: Area): readonly number[] {
  return turningBack(page.lean, page, page)([left, top, right - left, bottom - top]);
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
