import sharp from 'sharp';
import { expect, test } from 'vitest';
import { make, near, pixel, start } from '../../../test/support/thumbnails-task.ts';
import { tiffOf } from '../../../test/support/tiff.ts';

const type = 'image/tiff';
const plain = (width: number, height: number, grey: number) =>
  sharp({ create: { width, height, channels: 3, background: { r: grey, g: grey, b: grey } } })
    .png()
    .toBuffer();
const tiff = await tiffOf([await plain(90, 60, 20), await plain(40, 80, 200)]);

test.each([
  [1, 90, 60, 20],
  [2, 40, 80, 200],
])('page %d of a TIFF is drawn in its own size', async (page, width, height, grey) => {
  const { source, thumbnails, files } = await make(tiff, type, { page, width: 400, height: 400, fit: 'inside', format: 'png' });
  expect(source).toMatchObject({ width, height, frames: 2 });
  expect(thumbnails[0]).toMatchObject({ width, height });
  near(await pixel(files[0], 10, 10), [grey, grey, grey]);
});

test('a page that a TIFF does not have is refused', async () => {
  expect(await start(tiff, type, { page: 3 })).toMatchObject({ kind: 'rejected', code: 'validation-error' });
});
