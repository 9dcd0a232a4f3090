import type { Pixels } from './sharp.ts';

export const skewDegreesMax = 20;
const coarseStep = 1;
const fineStep = 0.1;
/** So many dark dots tell the angle as well as all of them. */
const dotsMax = 40_000;

/**
 * By how many degrees, counter-clockwise, the lines of text rise: the angle at which the rows of the picture are either full of
 * ink or empty (projection profile; Postl 1986). Null where no angle stands out. For small pictures of one channel.
 */
export function measureSkew(pixels: Pixels): number | null {
  const dots = darkDots(pixels);
  if (dots.length < 200) return null;
  const coarse = best(dots, pixels, range(-skewDegreesMax, skewDegreesMax, coarseStep));
  const fine = best(dots, pixels, range(coarse.angle - coarseStep, coarse.angle + coarseStep, fineStep));
  // Text in lines makes the profile at its angle far rougher than elsewhere; without lines all angles are alike.
  return fine.score > coarse.mean * 1.2 ? fine.angle : null;
}

function range(from: number, to: number, step: number): number[] {
  return Array.from({ length: Math.round((to - from) / step) + 1 }, (_, index) => from + index * step);
}

function best(dots: Float64Array, pixels: Pixels, angles: readonly number[]) {
  const scores = angles.map((angle) => roughness(dots, pixels, angle));
  const score = Math.max(...scores);
  const mean = scores.reduce((sum, each) => sum + each, 0) / scores.length;
  return { angle: angles[scores.indexOf(score)] ?? 0, score, mean };
}

/** How much the ink of neighbouring rows differs when the picture is turned by the angle. */
function roughness(dots: Float64Array, { width, height }: Pixels, degrees: number): number {
  const radians = (degrees * Math.PI) / 180;
  const sin = Math.sin(radians);
  const cos = Math.cos(radians);
  const reach = Math.ceil(Math.hypot(width, height));
  const rows = new Float64Array(2 * reach + 1);
  for (let at = 0; at < dots.length; at += 2) {
    const row = Math.round((dots[at + 1] ?? 0) * cos + (dots[at] ?? 0) * sin) + reach;
    rows[row] = (rows[row] ?? 0) + 1;
  }
  let sum = 0;
  for (let row = 1; row < rows.length; row++) sum += ((rows[row] ?? 0) - (rows[row - 1] ?? 0)) ** 2;
  return sum;
}

/** Places (x, y, x, y, …) of what is darker than its surroundings by a threshold after Otsu (1979), from the middle of the picture outwards or in: the fewer of the two kinds of pixels are the ink. */
function darkDots({ data, width, height, channels }: Pixels): Float64Array {
  const threshold = otsu(data);
  const places: number[] = [];
  const margin = Math.round(Math.min(width, height) / 50);
  let dark = 0;
  for (const value of data) if (value <= threshold) dark += 1;
  const isInverse = dark * 2 > data.length;
  for (let y = margin; y < height - margin; y++) {
    for (let x = margin; x < width - margin; x++) {
      const isDark = (data[(y * width + x) * channels] ?? 255) <= threshold;
      if (isDark !== isInverse) places.push(x, y);
    }
  }
  const step = Math.ceil(places.length / 2 / dotsMax);
  return Float64Array.from(step <= 1 ? places : places.filter((_, index) => (index >> 1) % step === 0));
}

function otsu(data: Uint8Array): number {
  const counts = new Float64Array(256);
  for (const value of data) counts[value] = (counts[value] ?? 0) + 1;
  const total = data.length;
  let sum = 0;
  for (let value = 0; value < 256; value++) sum += value * (counts[value] ?? 0);
  let below = 0;
  let sumBelow = 0;
  let threshold = 127;
  let most = 0;
  for (let value = 0; value < 255; value++) {
    below += counts[value] ?? 0;
    sumBelow += value * (counts[value] ?? 0);
    if (below === 0 || below === total) continue;
    const between = below * (total - below) * (sumBelow / below - (sum - sumBelow) / (total - below)) ** 2;
    if (between > most) {
      most = between;
      threshold = value;
    }
  }
  return threshold;
}
