import sharp from 'sharp';
import { expect, test } from 'vitest';
import { drawnText, sampleLines } from '../../test/support/letters.ts';
import { evenOut, measureLight } from './light.ts';
import type { Pixels } from './sharp.ts';
import { measureSkew } from './skew.ts';

const page = await sharp(drawnText(sampleLines)).resize({ width: 1000 }).flatten().png().toBuffer();
// The parts under test read files only; this test also makes pictures in memory.
const { data, info } = await sharp(page).toColourspace('b-w').raw().toBuffer({ resolveWithObject: true });
const pixels: Pixels = { data, width: info.width, height: info.height, channels: 1 };

async function tilted(degrees: number): Promise<Pixels> {
  const raw = { width: info.width, height: info.height, channels: 1 } as const;
  const turned = await sharp(data, { raw }).rotate(degrees, { background: '#fff' }).toColourspace('b-w').raw();
  const { data: found, info: size } = await turned.toBuffer({ resolveWithObject: true });
  return { data: found, width: size.width, height: size.height, channels: 1 };
}

test.each([-15, -7.5, -2, 0, 0.5, 3, 11])('a page that was turned by %d degrees is found to be so', async (degrees) => {
  const { degrees: found, strength } = measureSkew(await tilted(degrees));
  expect(Math.abs(found + degrees)).toBeLessThan(0.35);
  expect(strength).toBeGreaterThan(2);
});

test('a page on its side is askew by the same angle', async () => {
  expect(Math.abs(measureSkew(await tilted(94)).degrees + 4)).toBeLessThan(0.35);
});

test('texts side by side whose lines stand at other heights are not askew', () => {
  const { width } = pixels;
  // The right half stands lower by half of a line, as beside another table.
  const beside = Buffer.alloc(data.length, 255);
  const shift = 12;
  for (const [at, value] of data.entries()) {
    const [x, y] = [at % width, Math.floor(at / width)];
    if (x < width / 2) beside[at] = Math.min(beside[at] ?? 255, value);
    if (x < width / 2 - 20 && y + shift < pixels.height) beside[(y + shift) * width + x + Math.ceil(width / 2)] = value;
  }
  expect(Math.abs(measureSkew({ ...pixels, data: beside }).degrees)).toBeLessThan(0.2);
});

test('nothing, noise and a plain surface are not askew', () => {
  const noise = Buffer.alloc(data.length);
  let chance = 1;
  for (const at of noise.keys()) {
    chance = (chance * 16_807) % 2_147_483_647;
    noise[at] = chance % 256;
  }
  for (const surface of [noise, Buffer.alloc(data.length, 200)])
    expect(measureSkew({ ...pixels, data: surface }).strength).toBeLessThan(2);
});

test('a shadow over the page is found and taken away', () => {
  const shaded = { ...pixels, data: data.map((value, at) => value * (0.35 + (0.65 * (at % info.width)) / info.width)) };
  const light = measureLight({ ...shaded, data: Buffer.from(shaded.data) });
  if (light === null) throw new Error('no shadow was found');
  const even = evenOut({ ...shaded, data: Buffer.from(shaded.data) }, light);
  expect(measureLight(even)).toBeNull();
  for (const at of [5 + 5 * info.width, info.width - 5 + 5 * info.width]) expect(even.data[at]).toBeGreaterThan(225);
});

test('even light and a photo on the page are no shadow', () => {
  expect(measureLight(pixels)).toBeNull();
  const withPhoto = Buffer.from(data);
  for (let at = 0; at < data.length; at++) {
    const [x, y] = [at % info.width, Math.floor(at / info.width)];
    if (x > info.width / 2 && y > info.height / 3) withPhoto[at] = (x * y) % 90;
  }
  expect(measureLight({ ...pixels, data: withPhoto })).toBeNull();
});
