import { around } from './frame.ts';
import type { TextLine } from './segments.ts';

// The columns of an unruled table: between them is white that runs down through most of its lines.

/** A place between columns is taken where so many times more lines have white there, with text on both sides, than cross it. */
const supportPerCrossing = 2.5;
const supportMin = 2;
/** How finely places are tried: in points, and at most so many of them. */
const stepMin = 0.5;
const stepsMax = 2_000;

/** The x of each border between two columns, from left to right. */
export function columnBorders(lines: readonly TextLine[]): number[] {
  const tabular = lines.filter(({ segments }) => segments.length > 1);
  const { left, right } = around(tabular);
  const step = Math.max(stepMin, (right - left) / stepsMax);
  const borders: number[] = [];
  let best: Best | null = null;
  for (let x = left; x <= right; x += step) {
    const score = scoreAt(tabular, x);
    if (score <= 0 && best !== null) borders.push((best.from + best.to) / 2);
    best = score <= 0 ? null : better(best, x, score, step);
  }
  return borders;
}

/** The stretch with the highest score since the last column. */
interface Best {
  readonly from: number;
  readonly to: number;
  readonly score: number;
}

function better(best: Best | null, x: number, score: number, step: number): Best {
  if (best === null || score > best.score) return { from: x, to: x, score };
  return score === best.score && best.to >= x - 1.5 * step ? { from: best.from, to: x, score } : best;
}

/** Lines whose white is here, less those that cross; 0 or less where this is no border. */
function scoreAt(lines: readonly TextLine[], x: number): number {
  let support = 0;
  let crossing = 0;
  for (const { segments } of lines) {
    const isCrossed = segments.some((segment) => segment.left < x && segment.right > x);
    if (isCrossed) crossing += 1;
    else if (segments.some((segment) => segment.right <= x) && segments.some((segment) => segment.left >= x)) support += 1;
  }
  const isBorder = support >= supportMin && support >= crossing * supportPerCrossing;
  return isBorder ? support - crossing * supportPerCrossing + 1 : 0;
}
