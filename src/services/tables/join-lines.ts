import { median } from './frame.ts';
import type { CellPlace } from './grid.ts';
import type { Rules } from './rules.ts';
import { isNumeric } from './segments.ts';
import { isRuledBetween, type StreamRow } from './stream.ts';

export function joinLines(rows: readonly StreamRow[], rules: Rules): { rows: StreamRow[]; headerRows: number } {
  return { rows: [...rows], headerRows: 0 };
}
