import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, test } from 'vitest';
import { detailed } from '../../../test/support/pictures.ts';
import { colour, folder, fractions, halves, make, near, outputs, pixel, start } from '../../../test/support/thumbnails-task.ts';
import type { TaskContext } from '../../ports/service.ts';
import { task } from './task.ts';

test('a picture gives one thumbnail of 100x100 in its own format, and what the source was', async () => {
  const { source, thumbnails: made } = await make(await halves().jpeg().toBuffer(), 'image/jpeg');
  expect(source).toEqual({ mediaType: 'image/jpeg', width: 300, height: 200, frames: 1, orientation: 1 });
  expect(made).toHaveLength(1);
  expect(made[0]).toMatchObject({ width: 100, height: 100, mediaType: 'image/jpeg' });
  expect(outputs.get(made[0]?.file ?? '')?.name).toBe('a photo.orig-100x100.jpg');
});

test('several sizes come in the order asked for, each as it was asked for', async () => {
  const sizes = [
    { width: 20, height: 20, fit: 'cover' },
    { width: 250, height: 180, fit: 'inside' },
    { width: 60, height: 60, fit: 'contain' },
    { width: 90, fit: 'cover' },
    { width: 40, height: 80, fit: 'smart' },
    { width: 600, height: 400, fit: 'cover' },
  ];
  const { thumbnails: made, files } = await make(await halves().png().toBuffer(), 'image/png', { sizes });
  expect(made.map(({ width, height }) => [width, height])).toEqual([
    [20, 20],
    [250, 167],
    [60, 60],
    [90, 60],
    [40, 80],
    [600, 400],
  ]);
  for (const at of [0, 1, 3, 5]) {
    near((await pixel(files[at], 2, 10)).slice(0, 3), [255, 0, 0]);
    near((await pixel(files[at], (made[at]?.width ?? 0) - 3, 10)).slice(0, 3), [0, 0, 255]);
  }
  expect((await pixel(files[2], 30, 2)).at(3)).toBe(0);
  near(await pixel(files[2], 5, 30), [255, 0, 0, 255]);
  expect(fractions).toHaveLength(6);
});

test('small pictures are enlarged by all fits but inside', async () => {
  const small = await sharp({ create: { width: 4, height: 2, channels: 3, background: '#0a0' } })
    .png()
    .toBuffer();
  const sizes = ['cover', 'smart', 'contain', 'inside'].map((fit) => ({ width: 50, height: 50, fit }));
  const { thumbnails: made } = await make(small, 'image/png', { sizes });
  expect(made.map(({ width, height }) => `${width}x${height}`)).toEqual(['50x50', '50x50', '50x50', '4x2']);
});

test('a hair-thin picture fills a large size without being scaled as a whole', async () => {
  const thin = await sharp({ create: { width: 1, height: 9_000, channels: 3, background: '#0a0' } })
    .png()
    .toBuffer();
  const { files } = await make(thin, 'image/png', { width: 800, height: 800 });
  near(await pixel(files[0], 400, 400), [0, 170, 0]);
  expect(await start(thin, 'image/png', { width: 800 })).toMatchObject({ kind: 'rejected', code: 'media-limits-exceeded' });
});

test('the smart fit keeps what catches the eye', async () => {
  const face = {
    create: {
      width: 40,
      height: 40,
      channels: 3 as const,
      background: '#e0a080',
      noise: { type: 'gaussian' as const, mean: 128, sigma: 60 },
    },
  };
  const picture = await sharp({ create: { width: 600, height: 100, channels: 3, background: '#222' } })
    .composite([{ input: await sharp(face).png().toBuffer(), left: 540, top: 30 }])
    .png()
    .toBuffer();
  const sizes = [
    { width: 100, height: 100, fit: 'smart' },
    { width: 100, height: 100, fit: 'cover' },
  ];
  const { files, thumbnails: made } = await make(picture, 'image/png', { sizes });
  const deviation = async (file: Buffer | undefined) => (await sharp(file).stats()).channels[0]?.stdev ?? 0;
  expect(await deviation(files[0])).toBeGreaterThan(10);
  expect(await deviation(files[1])).toBeLessThan(1);
  expect(made[0]?.placeholder).not.toBe(made[1]?.placeholder);
});

describe.each([1, 2, 3, 4, 5, 6, 7, 8])('EXIF orientation %d', (orientation) => {
  test('is applied, reported and not left in the thumbnail', async () => {
    const turned = await halves().jpeg().withMetadata({ orientation }).toBuffer();
    const { source, files } = await make(turned, 'image/jpeg', { width: 150, fit: 'inside' });
    const isLying = orientation >= 5;
    expect(source).toEqual({
      mediaType: 'image/jpeg',
      width: isLying ? 200 : 300,
      height: isLying ? 300 : 200,
      frames: 1,
      orientation,
    });
    // Where the red half, stored on the left, is to be seen.
    const redAt =
      { 1: [10, 50], 2: [140, 50], 3: [140, 50], 4: [10, 50], 5: [75, 10], 6: [75, 10], 7: [75, 215], 8: [75, 215] }[
        orientation
      ] ?? [];
    near(await pixel(files[0], redAt[0] ?? 0, redAt[1] ?? 0), [255, 0, 0]);
  });
});

test('GPS, EXIF, XMP and colour profiles do not reach the thumbnails, of any format', async () => {
  const withAll = await halves()
    .withExif({ IFD0: { Copyright: 'Jane' }, IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 3230/100' } })
    .withIccProfile('p3')
    .withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/"><secret>where I live</secret></x:xmpmeta>')
    .jpeg()
    .toBuffer();
  const meta = await sharp(withAll).metadata();
  expect([meta.exif, meta.icc, meta.xmp].map((part) => part !== undefined)).toEqual([true, true, true]);
  for (const format of ['jpeg', 'png', 'webp', 'avif', 'gif']) {
    const { files } = await make(withAll, 'image/jpeg', { format });
    expect(files[0]?.includes('where I live') || files[0]?.includes('Jane') || files[0]?.includes('Exif')).toBe(false);
  }
});

test('colours are converted to sRGB of 8 bits: CMYK, 16 bits, Display P3', async () => {
  const cmyk = await sharp(colour(200, 40, 40))
    .toColourspace('cmyk')
    .jpeg({ quality: 95 })
    .toBuffer();
  expect((await sharp(cmyk).metadata()).space).toBe('cmyk');
  near(await pixel((await make(cmyk, 'image/jpeg')).files[0], 50, 50), [200, 40, 40], 25);

  const deep = await sharp(colour(200, 40, 40))
    .toColourspace('rgb16')
    .png()
    .toBuffer();
  expect((await sharp(deep).metadata()).depth).toBe('ushort');
  near(await pixel((await make(deep, 'image/png')).files[0], 50, 50), [200, 40, 40], 2);

  const wide = await sharp(colour(200, 40, 40))
    .withIccProfile('p3')
    .png()
    .toBuffer();
  near(await pixel((await make(wide, 'image/png')).files[0], 50, 50), [200, 40, 40], 4);
});

test.each([
  ['grey', (picture: Sharp) => picture.greyscale().png()],
  ['grey and see-through', (picture: Sharp) => picture.greyscale().ensureAlpha(0.5).png()],
  ['see-through', (picture: Sharp) => picture.ensureAlpha(0.5).png()],
])('a %s picture becomes every format', async (_what, change) => {
  const picture = await change(sharp(colour(100, 100, 100))).toBuffer();
  for (const format of ['jpeg', 'png', 'webp', 'avif', 'gif'])
    await make(picture, 'image/png', { format, sizes: [{ width: 50, height: 20, fit: 'contain' }] });
});

test('behind a see-through picture, and in margins, JPEG is white', async () => {
  const clear = await sharp({ create: { width: 40, height: 20, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } })
    .png()
    .toBuffer();
  const { files } = await make(clear, 'image/png', { format: 'jpeg', fit: 'contain' });
  near(await pixel(files[0], 50, 50), [255, 255, 255]);
  near(await pixel(files[0], 50, 2), [255, 255, 255]);
});

describe('formats', () => {
  test.each(['jpeg', 'png', 'webp', 'gif'] as const)('%s stays as it is', async (format) => {
    const { thumbnails: made } = await make(await detailed(format), `image/${format}`);
    expect(made[0]?.mediaType).toBe(`image/${format}`);
  });

  test('AVIF stays AVIF, TIFF becomes JPEG, or PNG where it is see-through', async () => {
    const avif = await make(await halves().avif({ effort: 0 }).toBuffer(), 'image/avif');
    const tiff = await make(await detailed('tiff'), 'image/tiff');
    const clear = await make(
      await sharp(colour(1, 2, 3))
        .ensureAlpha(0.5)
        .tiff({ compression: 'deflate' })
        .toBuffer(),
      'image/tiff',
    );
    expect([avif, tiff, clear].map((made) => made.thumbnails[0]?.mediaType)).toEqual(['image/avif', 'image/jpeg', 'image/png']);
  });

  test('the quality changes the size', async () => {
    const bytes = async (quality: number) =>
      (await make(await detailed('jpeg'), 'image/jpeg', { quality })).thumbnails[0]?.bytes ?? 0;
    expect(await bytes(10)).toBeLessThan(await bytes(90));
  });
});

test('a job that is canceled stops before it draws', async () => {
  const signal = AbortSignal.abort(new Error('canceled'));
  await expect(start(await detailed('jpeg'), 'image/jpeg', {}, signal)).rejects.toThrow('canceled');
});

test('a file that is not there is a fault of ours and is told as such', async () => {
  const input = { path: join(folder, 'absent'), name: null, mediaType: 'image/jpeg', bytes: 1, picture: null };
  const options = { format: 'same', quality: 80, animated: false, lenient: false, sizes: [{ width: 1, fit: 'cover' }] };
  const output = () => expect.unreachable('nothing is written');
  const outputBytes = output;
  const context: TaskContext = {
    input,
    options,
    traceparent: '',
    folder,
    signal: new AbortController().signal,
    progress: () => undefined,
    output,
    outputBytes,
  };
  await expect(task(context)).rejects.toThrow(/missing/);
});
