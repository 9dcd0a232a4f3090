import { expect, test } from 'vitest';
import type { Picture, Pixels } from '../../media/sharp.ts';
import type { PictureInput } from './model-description.ts';
import { pictureValues, scaledSize } from './picture-values.ts';

const input = (more: Partial<PictureInput> = {}): PictureInput => ({
  width: 2,
  height: 1,
  layout: 'NCHW',
  mean: [0, 0, 0],
  scale: [1, 1, 1],
  fit: 'crop',
  crop: 1,
  ...more,
});

/** A picture that is scaled already. */
const picture = ({ width, height, ...pixels }: Pixels): Picture => ({
  facts: { format: 'png', width, height, frames: 1, orientation: 1, hasAlpha: false },
  decode: async () => ({ width, height, ...pixels }),
  write: null,
  frames: () => expect.unreachable('one frame is enough'),
});
const colours = picture({ data: Buffer.from([1, 2, 3, 4, 5, 6]), width: 2, height: 1, channels: 3 });

test('values stand channel by channel, or pixel by pixel', async () => {
  expect([...(await pictureValues(colours, input()))]).toEqual([1, 4, 2, 5, 3, 6]);
  expect([...(await pictureValues(colours, input({ layout: 'NHWC' })))]).toEqual([1, 2, 3, 4, 5, 6]);
});

test('the mean is taken off, then comes the scale', async () => {
  const values = await pictureValues(colours, input({ mean: [1, 0, 3], scale: [2, 1, 0.5] }));
  expect([...values]).toEqual([0, 1.5, 2, 5, 0, 6]);
});

test('grey pictures have one value three times, and colours are made grey for a model of one channel', async () => {
  const grey = picture({ data: Buffer.from([7, 9]), width: 2, height: 1, channels: 1 });
  expect([...(await pictureValues(grey, input()))]).toEqual([7, 9, 7, 9, 7, 9]);
  const red = picture({ data: Buffer.from([255, 0, 0, 0, 0, 255]), width: 2, height: 1, channels: 3 });
  expect([...(await pictureValues(red, input({ mean: [0], scale: [1] })))]).toEqual([76, 29]);
});

test('what is see-through is seen on white', async () => {
  const clear = picture({ data: Buffer.from([0, 0, 100, 255]), width: 2, height: 1, channels: 2 });
  expect([...(await pictureValues(clear, input({ mean: [0], scale: [1] })))]).toEqual([255, 100]);
});

test('the middle is cut out', async () => {
  const wide = picture({ data: Buffer.from([1, 2, 3, 4, 5, 6]), width: 6, height: 1, channels: 1 });
  expect([...(await pictureValues(wide, input({ mean: [0], scale: [1] })))]).toEqual([3, 4]);
});

test.each([
  [640, 480, 341, 256],
  [700, 383, 467, 256],
  [224, 224, 256, 256],
  [50, 100, 256, 512],
  [1, 40_000, 256, 3_584],
])('%i x %i becomes %i x %i for 224 of 256', (width, height, scaledWidth, scaledHeight) => {
  const imagenet = input({ width: 224, height: 224, crop: 0.875 });
  expect(scaledSize({ width, height }, imagenet)).toEqual({ width: scaledWidth, height: scaledHeight });
});

test('a stretched picture has the shape of the input', () => {
  expect(scaledSize({ width: 900, height: 30 }, input({ width: 96, height: 96, fit: 'stretch' }))).toEqual({
    width: 96,
    height: 96,
  });
});
