import type { PdfDrawing } from '../../media/pdf.ts';
import { isWithin, type QuarterTurn } from './frame.ts';
import type { Grid } from './grid.ts';
import { headerRows } from './header-rows.ts';
import { latticeTable, ruledRegions, withoutShortEdges } from './lattice.ts';
import { type Rules, readRules } from './rules.ts';
import { textLines } from './segments.ts';
import { streamTable, streamTables } from './stream.ts';
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

/** The tables of a page, from top to bottom: ruled ones first, then what of the other words stands in columns. */
export function findTables({ words, drawing, turn, width, height }: PageContent, method: Method): Grid[] {
  const found: Grid[] = [];
  const left = () => words.filter((word) => !found.some(({ area }) => isWithin(word, area)));
  const page = { width, height };
  if (method !== 'stream') {
    for (const withFills of [false, true]) {
      for (const region of ruledRegions(readRules(drawing, turn, page, withFills))) {
        const grid = latticeTable(withFills ? withoutShortEdges(region) : region, left());
        if (grid !== null) found.push(method === 'auto' ? completed(grid, region) : grid);
      }
    }
  }
  if (method !== 'lattice') found.push(...streamTables(left(), readRules(drawing, turn, page, false)));
  return found
    .map((grid) => ({ ...grid, headerRows: headerRows(grid.cells, grid.rowCount) }))
    .toSorted((a, b) => a.area.top - b.area.top || a.area.left - b.area.left);
}

/** Where so large a part of the words stands in cells that look like several, lines rule only some of the columns. */
const compositeMax = 0.25;

function completed(grid: Grid, rules: Rules): Grid {
  const words = grid.cells.flatMap((cell) => cell.words);
  const composite = grid.cells.filter((cell) => isComposite(cell.words)).flatMap((cell) => cell.words);
  if (composite.length <= words.length * compositeMax) return grid;
  const other = streamTable(words, rules);
  return other !== null && other.columnCount >= grid.columnCount ? { ...other, area: grid.area } : grid;
}

function isComposite(words: readonly Word[]): boolean {
  return textLines(words.filter(({ isTurned }) => !isTurned)).some(({ segments }) => segments.length > 1);
}
