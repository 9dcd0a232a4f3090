import sharp, { type Sharp } from 'sharp';
import { expect, test } from 'vitest';
import { jpegMeans } from './jpeg-means.ts';

/** A picture of smooth colours, so that the mean of a block says all about it. */
function gradient(width: number, height: number, channels: 1 | 3 = 3): Sharp {
  const data = Buffer.alloc(width * height * channels);
  for (let at = 0; at < width * height; at += 1) {
    const x = at % width;
    const y = Math.floor(at / width);
    data.set([x, y, 255 - Math.round((x + y) / 2)].slice(0, channels), at * channels);
  }
  return sharp(data, { raw: { width, height, channels } });
}

const shapes = [
  { width: 100, height: 100, options: {} },
  { width: 160, height: 96, options: { chromaSubsampling: '4:4:4' } },
  { width: 8, height: 8, options: {} },
  { width: 1, height: 1, options: {} },
  { width: 37, height: 211, options: { quality: 30 } },
  { width: 37, height: 211, options: { quality: 100, optimiseCoding: false } },
];

test.each(shapes)(
  'the means of a JPEG of $width x $height ($options) are those of its blocks',
  async ({ width, height, options }) => {
    const jpeg = await gradient(width, height).jpeg(options).toBuffer();
    const means = jpegMeans(jpeg);
    expect(means).toMatchObject({ width: Math.ceil(width / 8), height: Math.ceil(height / 8), channels: 3 });
    const decoded = await sharp(jpeg).raw().toBuffer();
    for (let at = 0; at < means.width * means.height; at += 1) {
      const [left, top] = [(at % means.width) * 8, Math.floor(at / means.width) * 8];
      const [right, bottom] = [Math.min(width, left + 8), Math.min(height, top + 8)];
      for (let channel = 0; channel < 3; channel += 1) {
        let sum = 0;
        for (let y = top; y < bottom; y += 1)
          for (let x = left; x < right; x += 1) sum += decoded[(y * width + x) * 3 + channel] ?? 0;
        const isWhole = right - left === 8 && bottom - top === 8;
        // Colour is kept for 16x16 samples, and what fills up a block at the edge counts, too.
        expect(Math.abs((means.data[at * 3 + channel] ?? 0) - sum / ((right - left) * (bottom - top)))).toBeLessThan(
          isWhole ? 16 : 30,
        );
      }
    }
  },
);

test('a grey JPEG gives grey means', async () => {
  const means = jpegMeans(await gradient(40, 24, 1).toColourspace('b-w').jpeg().toBuffer());
  expect(means).toMatchObject({ width: 5, height: 3, channels: 1 });
  expect([...means.data.subarray(0, 5)]).toEqual([...means.data.subarray(0, 5)].sort((a, b) => a - b));
});

test('what is no baseline JPEG is refused', async () => {
  expect(() => jpegMeans(Buffer.from('this is text and no picture at all'))).toThrow('no baseline JPEG');
  const progressive = await gradient(40, 24).jpeg({ progressive: true }).toBuffer();
  expect(() => jpegMeans(progressive)).toThrow('no baseline JPEG');
});
