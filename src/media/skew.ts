import type { Pixels } from './sharp.ts';

const skewDegreesMax = 18;
/** Finer than the peak of a page of small print is wide. */
const coarseStep = 0.75;
const fineStep = 0.1;
/** So many dark dots tell the angle as well as all of them. */
const dotsMax = 16_000;
const dotsMin = 200;

export interface Skew {
  /** By so many degrees the picture is to be turned clockwise to be straight. */
  readonly degrees: number;
  /** How far the angle stands out: 1 not at all. */
  readonly strength: number;
}

/**
 * Measures how far the lines of text are askew: the angle at which the rows, or the columns where the page lies on its side, are
 * either full of ink or empty (projection profile; Postl 1986). For small pictures of one channel.
 */
export function measureSkew(pixels: Pixels): Skew {
  const dots = darkDots(pixels);
  if (dots.length < 2 * dotsMin) return { degrees: 0, strength: 1 };
  const rows = measure(dots, pixels);
  const columns = measure(onItsSide(dots), pixels);
  return columns.strength > rows.strength ? columns : rows;
}

/** Turned by a quarter: the angle stays the same. */
function onItsSide(dots: Float64Array): Float64Array {
  return dots.map((_, at) => (at % 2 === 0 ? -(dots[at + 1] ?? 0) : (dots[at - 1] ?? 0)));
}

/** Places of dark dots, and the columns of pixels between which they lie. */
interface Ink {
  readonly dots: Float64Array;
  readonly left: number;
  readonly right: number;
}

function measure(dots: Float64Array, pixels: Pixels): Skew {
  let [left, right] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let at = 0; at < dots.length; at += 2) {
    left = Math.min(left, dots[at] ?? left);
    right = Math.max(right, dots[at] ?? right);
  }
  const ink = { dots, left, right };
  const coarse = best(ink, pixels, range(-skewDegreesMax, skewDegreesMax, coarseStep));
  const fine = best(ink, pixels, range(coarse.angle - coarseStep, coarse.angle + coarseStep, fineStep));
  return { degrees: fine.angle, strength: fine.score / coarse.mean };
}

function range(from: number, to: number, step: number): number[] {
  return Array.from({ length: Math.round((to - from) / step) + 1 }, (_, index) => from + index * step);
}

function best(ink: Ink, pixels: Pixels, angles: readonly number[]) {
  const scores = angles.map((angle) => roughness(ink, pixels, angle));
  const score = Math.max(...scores);
  const mean = scores.reduce((sum, each) => sum + each, 0) / scores.length;
  return { angle: angles[scores.indexOf(score)] ?? 0, score, mean };
}

/** Texts side by side have lines at other heights: the rows of each third, which are as full where the page is straight, count like those of the whole. */
const strips = 3;

/** How much the ink of neighbouring rows differs when the picture is turned by the angle. */
function roughness({ dots, left, right }: Ink, { width, height }: Pixels, degrees: number): number {
  const radians = (degrees * Math.PI) / 180;
  const sin = Math.sin(radians);
  const cos = Math.cos(radians);
  const reach = Math.ceil(Math.hypot(width, height));
  const length = 2 * reach + 1;
  const rows = new Float64Array(length);
  const parts = new Float64Array(strips * length);
  for (let at = 0; at < dots.length; at += 2) {
    const x = dots[at] ?? 0;
    const row = Math.round((dots[at + 1] ?? 0) * cos + x * sin) + reach;
    const place = Math.floor((strips * (x - left)) / (right + 1 - left)) * length + row;
    rows[row] = (rows[row] ?? 0) + 1;
    parts[place] = (parts[place] ?? 0) + 1;
  }
  // Ink that is evenly spread over the strips has a third of the squares in them.
  return squaredSteps(rows) + strips * squaredSteps(parts);
}

function squaredSteps(rows: Float64Array): number {
  let sum = 0;
  for (let row = 1; row < rows.length; row++) sum += ((rows[row] ?? 0) - (rows[row - 1] ?? 0)) ** 2;
  return sum;
}

/** Places (x, y, x, y, …) of the ink: the fewer of the two kinds of pixels that a threshold after Otsu (1979) tells apart. */
function darkDots({ data, width, height, channels }: Pixels): Float64Array {
  const { threshold, share } = otsu(data);
  const isInverse = share > 0.5;
  const ink = Math.max(isInverse ? 1 - share : share, 1 / 1000);
  const margin = Math.round(Math.min(width, height) / 50);
  // Steps of about this length, but by chance: even steps would be a pattern with angles of its own.
  const step = Math.max(1, (width * height * ink) / dotsMax);
  let chance = 1;
  const places: number[] = [];
  for (let at = margin * width; at < (height - margin) * width; ) {
    const x = at % width;
    const isDark = (data[at * channels] ?? 255) <= threshold;
    if (isDark !== isInverse && x >= margin && x < width - margin) places.push(x, Math.floor(at / width));
    // Park and Miller (1988): the same dots for the same picture.
    chance = (chance * 16_807) % 2_147_483_647;
    at += step <= 1 ? 1 : Math.max(1, Math.round((2 * step * chance) / 2_147_483_647));
  }
  return Float64Array.from(places);
}

/** Also the share of the pixels that are not brighter. */
function otsu(data: Uint8Array): { threshold: number; share: number } {
  const counts = new Float64Array(256);
  for (const value of data) counts[value] = (counts[value] ?? 0) + 1;
  const total = data.length;
  let sum = 0;
  for (let value = 0; value < 256; value++) sum += value * (counts[value] ?? 0);
  let below = 0;
  let sumBelow = 0;
  let threshold = 127;
  let most = 0;
  let share = 0;
  for (let value = 0; value < 255; value++) {
    below += counts[value] ?? 0;
    sumBelow += value * (counts[value] ?? 0);
    if (below === 0 || below === total) continue;
    const between = below * (total - below) * (sumBelow / below - (sum - sumBelow) / (total - below)) ** 2;
    if (between > most) {
      most = between;
      threshold = value;
      share = below / total;
    }
  }
  return { threshold, share };
}
