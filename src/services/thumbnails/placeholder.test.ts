import sharp from 'sharp';
import { expect, test } from 'vitest';
import type { Pixels } from '../../media/sharp.ts';
import { placeholder } from './placeholder.ts';

/** Left half red, right half blue. */
const halves: Pixels = {
  width: 100,
  height: 50,
  channels: 3,
  data: Buffer.from(Array.from({ length: 5_000 }, (_, at) => (at % 100 < 50 ? [255, 0, 0] : [0, 0, 255])).flat()),
};

async function read(uri: string) {
  const png = Buffer.from(uri.slice('data:image/png;base64,'.length), 'base64');
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  const at = (x: number, y: number) => [
    ...data.subarray((y * info.width + x) * info.channels, (y * info.width + x + 1) * info.channels),
  ];
  return { ...info, at };
}

test('the placeholder is a PNG of 8 pixels on the longer side with the colours of the picture', async () => {
  const uri = placeholder(halves, { left: 0, top: 0, width: 100, height: 50 }, 'transparent');
  expect(uri).toMatch(/^data:image\/png;base64,/);
  expect(uri.length).toBeLessThan(400);
  const png = await read(uri);
  expect([png.width, png.height, png.channels]).toEqual([8, 4, 3]);
  expect([png.at(0, 0), png.at(3, 3), png.at(4, 0), png.at(7, 3)]).toEqual([
    [255, 0, 0],
    [255, 0, 0],
    [0, 0, 255],
    [0, 0, 255],
  ]);
});

test('it shows the region that the thumbnail shows', async () => {
  const png = await read(placeholder(halves, { left: 50, top: 0, width: 50, height: 50 }, 'transparent'));
  expect([png.width, png.height]).toEqual([8, 8]);
  expect(png.at(0, 0)).toEqual([0, 0, 255]);
});

test.each([
  ['transparent', [0, 0, 0, 0]],
  ['white', [255, 255, 255]],
] as const)('margins are %s', async (background, margin) => {
  const png = await read(placeholder(halves, { left: 0, top: -25, width: 100, height: 100 }, background));
  expect(png.at(0, 0)).toEqual(margin);
  expect(png.at(0, 4).slice(0, 3)).toEqual([255, 0, 0]);
});

test('grey and see-through pixels are shown as such', async () => {
  const grey = (channels: 1 | 2, pixel: number[]): Pixels => ({
    width: 2,
    height: 1,
    channels,
    data: Buffer.from([...pixel, ...pixel]),
  });
  const whole = { left: 0, top: 0, width: 2, height: 1 };
  expect((await read(placeholder(grey(1, [77]), whole, 'transparent'))).at(0, 0)).toEqual([77, 77, 77]);
  expect((await read(placeholder(grey(2, [77, 128]), whole, 'transparent'))).at(0, 0)).toEqual([77, 77, 77, 128]);
});
