import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { PictureSize } from '../core/job.ts';
import { openPicture } from './sharp.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coatcheck-media-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

/** The facts and all pixels (as a hash: comparing them one by one takes long), or the error. */
async function lookAt(path: string, picture: PictureSize | null, lenient: boolean) {
  try {
    const { facts, decode } = await openPicture({ path, mediaType: 'image/jpeg', picture }, { lenient });
    const { data, ...size } = await decode(Math.min(facts.width, 160), Math.min(facts.height, 160));
    return { facts, size, first: [...data.subarray(0, 3)], all: createHash('sha256').update(data).digest('hex') };
  } catch (error) {
    return { error: String(error) };
  }
}

/** What the intake would say of it. */
async function known(path: string): Promise<PictureSize | null> {
  const metadata = await sharp(path)
    .metadata()
    .catch(() => null);
  return metadata && { width: metadata.width, height: metadata.height, frames: 1, orientation: metadata.orientation ?? 1 };
}

test.each([1, 2, 3, 4, 5, 6, 7, 8])('a JPEG of orientation %d is the same with what is known of it', async (orientation) => {
  const path = join(folder, 'a.jpg');
  const noise = { type: 'gaussian' as const, mean: 128, sigma: 50 };
  const picture = sharp({ create: { width: 300, height: 200, channels: 3, background: '#000', noise } });
  await picture.jpeg().withMetadata({ orientation }).toFile(path);
  const seen = await lookAt(path, null, false);
  expect(seen).toMatchObject({ facts: { orientation, width: orientation >= 5 ? 200 : 300 } });
  expect(await lookAt(path, await known(path), false)).toEqual(seen);
});

test('what is known of a JPEG is taken, and its header is not read before it is decoded', async () => {
  const path = join(folder, 'not-there.jpg');
  const size = { width: 300, height: 200, frames: 1 };
  const { facts } = await openPicture(
    { path, mediaType: 'image/jpeg', picture: { ...size, orientation: 6 } },
    { lenient: false },
  );
  expect(facts).toEqual({ format: 'jpeg', width: 200, height: 300, frames: 1, orientation: 6, hasAlpha: false });
});

test('a JPEG whose orientation or size is not known has its header read', async () => {
  const path = join(folder, 'b.jpg');
  const picture = sharp({ create: { width: 30, height: 20, channels: 3, background: '#0a0' } });
  await picture.jpeg().withMetadata({ orientation: 6 }).toFile(path);
  for (const size of [
    { width: 1, height: 2, frames: 1, orientation: null },
    { width: 1, height: 0, frames: 1, orientation: 1 },
  ])
    expect(await lookAt(path, size, false)).toMatchObject({ facts: { width: 20, height: 30, orientation: 6 } });
});

test('a JPEG is turned as the decoder finds it, whatever is known of it', async () => {
  const path = join(folder, 'c.jpg');
  const blue = { create: { width: 20, height: 20, channels: 3 as const, background: '#00f' } };
  const halves = sharp({ create: { width: 40, height: 20, channels: 3, background: '#f00' } });
  await halves
    .composite([{ input: blue, left: 20, top: 0 }])
    .jpeg()
    .withMetadata({ orientation: 3 })
    .toFile(path);
  const { first } = await lookAt(path, { width: 40, height: 20, frames: 1, orientation: 1 }, false);
  expect(first?.[2]).toBeGreaterThan(200);
});

const corpus = fileURLToPath(new URL('../../../shared/corpora/images/', import.meta.url));

test.skipIf(!existsSync(corpus)).each([false, true])(
  'real JPEGs, whole and damaged, are the same with what is known of them (lenient: %s)',
  async (lenient) => {
    const names = readdirSync(corpus).filter((name) => /\.jpe?g$/i.test(name) && readFileSync(corpus + name).length < 300_000);
    expect(names.length).toBeGreaterThan(10);
    for (const name of names)
      expect(await lookAt(corpus + name, await known(corpus + name), lenient), name).toEqual(
        await lookAt(corpus + name, null, lenient),
      );
  },
);
