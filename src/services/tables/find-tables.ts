import type { PdfDrawing } from '../../media/pdf.ts';
import { cut } from './cut.ts';
import { isWithin, type QuarterTurn } from './frame.ts';
import type { Grid } from './grid.ts';
import { headerRows } from './header-rows.ts';
import { latticeTable, ruledRegions, withoutShortEdges } from './lattice.ts';
import { type Rules, readRules } from './rules.ts';
import { textLines } from './segments.ts';
import { streamTables, streamTablesIn } from './stream.ts';
import type { Word } from './words.ts';

export type Method = 'auto' | 'lattice' | 'stream';

export interface PageContent {
  readonly words: readonly Word[];
  readonly drawing: PdfDrawing;
  readonly turn: QuarterTurn;
  /** As it is shown, before the turn. */
  readonly width: number;
  readonly height: number;
}

/** The tables of a page, in the order of reading: ruled ones first, then what of the other words stands in columns. */
export function findTables({ words, drawing, turn, width, height }: PageContent, method: Method): Grid[] {
  const found: Grid[] = [];
  const left = () => words.filter((word) => !found.some(({ area }) => isWithin(word, area)));
  const page = { width, height };
  if (method !== 'stream') {
    for (const withFills of [false, true]) {
      for (const region of ruledRegions(readRules(drawing, turn, page, withFills))) {
        const grid = latticeTable(withFills ? withoutShortEdges(region) : region, left());
        if (grid !== null) found.push(...(method === 'auto' ? completed(grid, region) : [grid]));
      }
    }
  }
  if (method !== 'lattice')
    found.push(...streamTables(left(), readRules(drawing, turn, page, false), readRules(drawing, turn, page, true)));
  return inOrder(found).map((grid) => ({ ...grid, headerRows: headerRows(grid.cells, grid.rowCount) }));
}

/** From top to bottom; what stands side by side from left to right. */
function inOrder(grids: readonly Grid[]): Grid[] {
  const places = grids.map((grid) => ({ ...grid.area, grid }));
  return cut(places, 'top', 'bottom', 0)
    .flatMap((band) => cut(band, 'left', 'right', 0))
    .flatMap((column) => column.toSorted((a, b) => a.top - b.top || a.left - b.left))
    .map(({ grid }) => grid);
}

/** Where so large a part of the words stands in cells that look like several, lines rule only some of the columns. */
const compositeMax = 0.25;

function completed(grid: Grid, rules: Rules): Grid[] {
  const words = grid.cells.flatMap((cell) => cell.words);
  const composite = grid.cells.filter((cell) => isComposite(cell.words)).flatMap((cell) => cell.words);
  if (composite.length <= words.length * compositeMax) return [grid];
  const [other, ...besides] = streamTablesIn(words, rules);
  if (other === undefined) return [grid];
  const columnCount = [other, ...besides].reduce((sum, each) => sum + each.columnCount, 0);
  if (columnCount < grid.columnCount) return [grid];
  return besides.length > 0 ? [other, ...besides] : [{ ...other, area: grid.area }];
}

function isComposite(words: readonly Word[]): boolean {
  return textLines(words.filter(({ isTurned }) => !isTurned)).some(({ segments }) => segments.length > 1);
}
