import type { Pixels } from './sharp.ts';

/** Ink is darker than this part of what is around it, in a window of such a part of the longer side (Bradley and Roth 2007). */
const inkMax = 0.85;
const windowShare = 1 / 24;

/** 1 where a pixel is ink. For pictures of one channel. */
export function inkOf({ data, width, height }: Pixels): Uint8Array {
  const reach = Math.max(4, Math.round((Math.max(width, height) * windowShare) / 2));
  const sums = new Uint32Array((width + 1) * (height + 1));
  for (let y = 0; y < height; y += 1) {
    let row = 0;
    for (let x = 0; x < width; x += 1) {
      row += data[y * width + x] ?? 0;
      sums[(y + 1) * (width + 1) + x + 1] = (sums[y * (width + 1) + x + 1] ?? 0) + row;
    }
  }
  const ink = new Uint8Array(width * height);
  for (let y = 0; y < height; y += 1) {
    const [top, bottom] = [Math.max(0, y - reach), Math.min(height, y + reach + 1)];
    for (let x = 0; x < width; x += 1) {
      const left = Math.max(0, x - reach);
      const right = Math.min(width, x + reach + 1);
      const below = (sums[bottom * (width + 1) + right] ?? 0) - (sums[bottom * (width + 1) + left] ?? 0);
      const above = (sums[top * (width + 1) + right] ?? 0) - (sums[top * (width + 1) + left] ?? 0);
      const mean = (below - above) / ((right - left) * (bottom - top));
      if ((data[y * width + x] ?? 0) < mean * inkMax) ink[y * width + x] = 1;
    }
  }
  return ink;
}
