import type { TextLine } from './segments.ts';

// The columns of an unruled table: between them is white that runs down through most of its lines.

/** A place between columns is taken where so many times more lines have white there, with text on both sides, than cross it. */
const supportPerCrossing = 2.5;
const supportMin = 2;
/** In points: how finely places are tried. */
const step = 0.5;

/** The x of each border between two columns, from left to right. */
export function columnBorders(lines: readonly TextLine[]): number[] {
  const tabular = lines.filter(({ segments }) => segments.length > 1);
  const left = Math.min(...tabular.map((line) => line.left));
  const right = Math.max(...tabular.map((line) => line.right));
  const borders: number[] = [];
  let best: { x: number; end: number; score: number } | null = null;
  for (let x = left; x <= right; x += step) {
    const score = scoreAt(tabular, x);
    if (score <= 0) {
      if (best !== null) borders.push((best.x + best.end) / 2);
      best = null;
    } else if (best === null || score > best.score) best = { x, end: x, score };
    else if (score === best.score && best.end >= x - 1.5 * step) best = { ...best, end: x };
  }
  return borders;
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
