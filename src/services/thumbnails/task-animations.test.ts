import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { detailed } from '../../../test/support/pictures.ts';
import { animation, make, near, pixel, start } from '../../../test/support/thumbnails-task.ts';

describe('animations', () => {
  test.each(['gif', 'webp'] as const)(
    'all frames of a %s are kept when asked for, with their times, scaled and cut',
    async (format) => {
      const picture = await animation(format);
      for (const options of [
        { width: 30 },
        { width: 20, height: 20 },
        { width: 40, height: 40, fit: 'contain' },
        { fit: 'smart' },
      ]) {
        const { source, files, thumbnails: made } = await make(picture, `image/${format}`, { animated: true, ...options });
        expect(source.frames).toBe(3);
        const meta = await sharp(files[0]).metadata();
        expect(meta).toMatchObject({ pages: 3, delay: [100, 200, 300], loop: 2 });
        const third = await sharp(files[0], { page: 2 }).png().toBuffer();
        const [width, height] = [made[0]?.width ?? 0, made[0]?.height ?? 0];
        near((await pixel(third, width >> 1, height >> 1)).slice(0, 3), [0, 0, 255], 20);
      }
    },
  );

  test('without being asked for, or in a format that cannot, the first frame is taken', async () => {
    const picture = await animation('gif');
    for (const options of [{}, { animated: true, format: 'png' }, { animated: true, format: 'avif' }]) {
      const { files } = await make(picture, 'image/gif', options);
      expect((await sharp(files[0]).metadata()).pages ?? 1).toBe(1);
      near((await pixel(files[0], 50, 50)).slice(0, 3), [255, 0, 0], 20);
    }
  });

  test('a GIF becomes an animated WebP', async () => {
    const { files } = await make(await animation('gif'), 'image/gif', { animated: true, format: 'webp' });
    expect((await sharp(files[0]).metadata()).pages).toBe(3);
  });

  test('a picture that stands still is no animation, asked for or not', async () => {
    await make(await detailed('gif'), 'image/gif', { animated: true });
  });

  test('a turned animation becomes its first frame, upright', async () => {
    const turned = await sharp(await animation('webp'), { animated: true })
      .withMetadata({ orientation: 6 })
      .webp({ lossless: true })
      .toBuffer();
    const { source, files } = await make(turned, 'image/webp', { animated: true, width: 20, fit: 'inside' });
    expect(source).toMatchObject({ width: 40, height: 60, orientation: 6, frames: 3 });
    near(await pixel(files[0], 10, 15), [255, 0, 0]);
  });

  test('more than a thousand frames are refused', async () => {
    const frames = await sharp({
      create: {
        width: 1,
        height: 1001,
        pageHeight: 1,
        channels: 3,
        background: '#000',
        noise: { type: 'gaussian', mean: 128, sigma: 90 },
      },
    })
      .gif({ keepDuplicateFrames: true })
      .toBuffer();
    const outcome = await start(frames, 'image/gif');
    expect(outcome).toMatchObject({
      kind: 'rejected',
      code: 'media-limits-exceeded',
      detail: expect.stringContaining('1001 frames'),
    });
  });
});
