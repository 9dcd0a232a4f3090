import { expect, test } from 'vitest';
import type { PictureFacts } from '../../media/sharp.ts';
import { baseSize, place, refuseHugeAnimation } from './placement.ts';

const landscape = { width: 1024, height: 640 };

test.each([
  ['cover cuts the sides off', { width: 100, height: 100, fit: 'cover' }, landscape, [100, 100, 160, 100, 30, 0]],
  ['smart is as large as cover', { width: 100, height: 100, fit: 'smart' }, landscape, [100, 100, 160, 100, 30, 0]],
  ['cover cuts top and bottom off', { width: 100, height: 20, fit: 'cover' }, landscape, [100, 20, 100, 63, 0, 21]],
  ['contain adds margins', { width: 100, height: 100, fit: 'contain' }, landscape, [100, 100, 100, 63, 0, -18]],
  ['inside is as large as it fits', { width: 100, height: 100, fit: 'inside' }, landscape, [100, 63, 100, 63, 0, 0]],
  ['inside does not enlarge', { width: 5000, height: 5000, fit: 'inside' }, landscape, [1024, 640, 1024, 640, 0, 0]],
  [
    'inside enlarges where that is asked for',
    { width: 100, height: 100, fit: 'inside', enlarge: true },
    { width: 5, height: 10 },
    [50, 100, 50, 100, 0, 0],
  ],
  [
    'with `enlarge` too a large picture gets smaller',
    { width: 100, height: 100, fit: 'inside', enlarge: true },
    landscape,
    [100, 63, 100, 63, 0, 0],
  ],
  ['cover enlarges', { width: 20, height: 20, fit: 'cover' }, { width: 5, height: 10 }, [20, 20, 20, 40, 0, 10]],
  ['contain enlarges', { width: 20, height: 20, fit: 'contain' }, { width: 5, height: 10 }, [20, 20, 10, 20, -5, 0]],
  ['a width alone keeps the shape', { width: 512, fit: 'cover' }, landscape, [512, 320, 512, 320, 0, 0]],
  ['a height alone keeps the shape', { height: 64, fit: 'contain' }, landscape, [102, 64, 102, 64, 0, 0]],
  ['a line stays one pixel high', { width: 10, fit: 'inside' }, { width: 5000, height: 2 }, [10, 1, 10, 1, 0, 0]],
] as const)('%s', (_what, size, picture, [width, height, scaledWidth, scaledHeight, left, top]) => {
  expect(place(size, picture)).toEqual({ width, height, scaledWidth, scaledHeight, left, top });
});

test('no cut leaves a gap, whatever the rounding', () => {
  for (let side = 1; side < 300; side += 7) {
    for (const picture of [landscape, { width: 333, height: 999 }, { width: 1, height: 7 }]) {
      const placed = place({ width: side, height: 101, fit: 'cover' }, picture);
      expect(placed.scaledWidth).toBeGreaterThanOrEqual(side);
      expect(placed.scaledHeight).toBeGreaterThanOrEqual(101);
      expect(placed.left + side).toBeLessThanOrEqual(placed.scaledWidth);
    }
  }
});

test('a side that was left out may not become endless', () => {
  expect(() => place({ width: 4096, fit: 'cover' }, { width: 1, height: 10_000 })).toThrow(/4096x40960000/);
});

test('an animation may not become huge over all its frames', () => {
  const placed = place({ width: 1000, height: 1000, fit: 'cover' }, { width: 100, height: 100 });
  refuseHugeAnimation(placed, 100);
  expect(() => refuseHugeAnimation(placed, 101)).toThrow(/101 frames of 1000x1000/);
});

const facts = (more: Partial<PictureFacts>): PictureFacts => ({
  format: 'jpeg',
  width: 1024,
  height: 640,
  frames: 1,
  orientation: 1,
  hasAlpha: false,
  ...more,
});

test('a picture is decoded as large as the largest thumbnail needs it', () => {
  const placed = [50, 400, 100].map((width) => place({ width, fit: 'cover' }, landscape));
  expect(baseSize(placed, facts({}))).toEqual({ width: 400, height: 250 });
});

test('a picture is not decoded larger than it is, a drawing is', () => {
  const placed = [place({ width: 2048, fit: 'cover' }, landscape)];
  expect(baseSize(placed, facts({}))).toEqual({ width: 1024, height: 640 });
  expect(baseSize(placed, facts({ format: 'svg' }))).toEqual({ width: 2048, height: 1280 });
});
