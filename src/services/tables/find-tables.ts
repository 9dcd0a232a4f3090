import type { PdfDrawing } from '../../media/pdf.ts';
import { isWithin, type QuarterTurn } from './frame.ts';
import type { Grid } from './grid.ts';
import { latticeTable, ruledRegions } from './lattice.ts';
import { readRules } from './rules.ts';
import { streamTables } from './stream.ts';
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
        const grid = latticeTable(region, left());
        if (grid !== null) found.push(grid);
      }
    }
  }
  if (method !== 'lattice') found.push(...streamTables(left(), readRules(drawing, turn, page, false)));
  return found.toSorted((a, b) => a.area.top - b.area.top || a.area.left - b.area.left);
}
