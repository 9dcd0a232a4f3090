import { type FilledArea, isInverse, sideMax } from './filled-areas.ts';
import { luminance } from './luminance.ts';
import type { Pixels } from './sharp.ts';

/** The edge of a dark area, in pixels looked at on both sides of where it was found, would be written in, once it is turned. */
const edge = 2;

/** The same picture with what is written on filled areas dark on white, as everywhere else. */
export function withoutFills({ data, width, height, channels }: Pixels, areas: readonly FilledArea[]): Pixels {
  const plain = Buffer.from(data);
  for (const area of areas) {
    const { left, right, tops, bottoms, ground, ink } = area;
    const rim = isInverse(area) ? Math.ceil(Math.max(width, height) / sideMax) * edge : 0;
    const [from, to] = [Math.max(0, Math.floor(left) - rim), Math.min(width, Math.ceil(right) + rim)];
    for (let x = from; x < to; x += 1) {
      const along = Math.min(1, Math.max(0, (x - left) / (right - left)));
      const at = ([first, last]: readonly [number, number]) => Math.round(first + (last - first) * along);
      const [top, bottom] = [at(tops), at(bottoms)];
      for (let y = Math.max(0, top - rim); y < Math.min(height, bottom + rim); y += 1) {
        const place = (y * width + x) * channels;
        const isRim = x < left + rim || x >= right - rim || y < top + rim || y >= bottom - rim;
        const value = channels === 1 ? (data[place] ?? 0) : luminance(data, place);
        plain.fill(isRim ? 255 : levelled(value, ground, ink), place, place + channels);
      }
    }
  }
  return { data: plain, width, height, channels };
}

function levelled(value: number, ground: number, ink: number): number {
  return Math.max(0, Math.min(255, Math.round((255 * (value - ink)) / (ground - ink))));
}
