import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { type FilledArea, filledAreas, isInverse } from './filled-areas.ts';
import type { Pixels } from './sharp.ts';
import { withoutFills } from './without-fills.ts';

/** A page of 1200 x 1600 with shapes, as SVG, on white. */
async function pageWith(shapes: string, degrees = 0): Promise<Pixels> {
  const turned = `<g transform="rotate(${degrees} 600 800)">${shapes}</g>`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="1600"><rect width="100%" height="100%" fill="#fff"/>${turned}</svg>`;
  const { data, info } = await sharp(Buffer.from(svg)).toColourspace('b-w').raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height, channels: 1 };
}

/** Strokes as high as letters, from `x` on. */
const strokes = (x: number, y: number, colour: string) =>
  [0, 12, 24, 36, 60, 72].map((right) => `<rect x="${x + right}" y="${y}" width="5" height="24" fill="${colour}"/>`).join('');
const bar = (fill: string, ink: string) =>
  `<rect x="200" y="300" width="800" height="50" fill="${fill}"/>${strokes(240, 313, ink)}${strokes(600, 313, ink)}`;

const placeOf = ({ left, right, tops, bottoms }: FilledArea) =>
  [left, right, ...tops, ...bottoms].map((each) => Math.round(each / 4) * 4);

describe('a filled area', () => {
  test('is a dark bar with light letters, and becomes a light one with dark letters', async () => {
    const page = await pageWith(bar('#223', '#fff'));
    const areas = await filledAreas(page);
    expect(areas.map(placeOf)).toEqual([[200, 1000, 300, 300, 352, 352]]);
    expect(areas.map(isInverse)).toEqual([true]);
    const plain = withoutFills(page, areas);
    expect(plain.data[320 * 1200 + 242]).toBe(0);
    expect(plain.data[320 * 1200 + 900]).toBe(255);
    expect(page.data[320 * 1200 + 242]).toBe(255);
  });

  test('is a grey stripe with dark letters, which stay dark', async () => {
    const page = await pageWith(bar('#aaa', '#111'));
    const areas = await filledAreas(page);
    expect(areas.map(isInverse)).toEqual([false]);
    const plain = withoutFills(page, areas);
    expect([plain.data[320 * 1200 + 242], plain.data[320 * 1200 + 900]]).toEqual([0, 255]);
  });

  test('may lean', async () => {
    const [area] = await filledAreas(await pageWith(bar('#223', '#fff'), 1));
    expect((area?.tops[1] ?? 0) - (area?.tops[0] ?? 0)).toBeGreaterThan(10);
  });

  test('is none of what nothing is written on, of lines, and of large letters', async () => {
    const empty = '<rect x="200" y="300" width="800" height="50" fill="#223"/>';
    const lines = '<rect x="200" y="500" width="800" height="400" fill="none" stroke="#000" stroke-width="3"/>';
    const letter = '<path d="M200 1000h30v100h60v-100h30v240h-30v-110h-60v110h-30z" fill="#000"/>';
    expect(await filledAreas(await pageWith(empty + lines + letter + strokes(240, 600, '#000')))).toEqual([]);
  });
});
