import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { colour, folder, make, near, pixel, start } from '../../../test/support/thumbnails-task.ts';

describe('SVG', () => {
  const svg = (body: string, attributes = 'width="40" height="20"') =>
    Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ${attributes}>${body}</svg>`);

  test('becomes a PNG, drawn sharp at any size', async () => {
    const {
      source,
      files,
      thumbnails: made,
    } = await make(svg('<rect width="20" height="20" fill="#00f"/>'), 'image/svg+xml', { width: 800 });
    expect(source).toMatchObject({ width: 40, height: 20 });
    expect(made[0]).toMatchObject({ width: 800, height: 400, mediaType: 'image/png' });
    near(await pixel(files[0], 397, 200), [0, 0, 255, 255], 1);
    near(await pixel(files[0], 402, 200), [0, 0, 0, 0], 1);
  });

  test('shows no other file, wherever it lies', async () => {
    const secret = join(folder, 'secret.png');
    await sharp(colour(255, 0, 0))
      .png()
      .toFile(secret);
    for (const href of ['secret.png', secret, `file://${secret}`, 'http://127.0.0.1:9/secret.png']) {
      const { files } = await make(svg(`<image width="40" height="20" xlink:href="${href}" href="${href}"/>`), 'image/svg+xml');
      expect(await pixel(files[0], 50, 50)).toEqual([0, 0, 0, 0]);
    }
  });

  test('scripts do nothing, and entities do not fill the memory', async () => {
    await make(svg('<script>while (true) {}</script><rect width="9" height="9"/>'), 'image/svg+xml');
    const entities = [
      '<!ENTITY a "lol">',
      ...[...'bcdefghij'].map((name, at) => `<!ENTITY ${name} "${`&${'abcdefghi'[at]};`.repeat(10)}">`),
    ];
    const laughs = `<?xml version="1.0"?><!DOCTYPE svg [${entities.join('')}]>${svg('<text>&j;</text>')}`;
    expect(['done', 'rejected']).toContain((await start(Buffer.from(laughs), 'image/svg+xml')).kind);
  });

  test('is refused where it is huge, and where it is no SVG', async () => {
    expect(await start(svg('', 'width="30000" height="30000"'), 'image/svg+xml')).toMatchObject({
      kind: 'rejected',
      code: 'media-limits-exceeded',
    });
    expect(await start(svg('<rect'), 'image/svg+xml')).toMatchObject({ kind: 'rejected', code: 'unprocessable-media' });
  });

  test('is not read under another name, where it would lie in a folder', async () => {
    expect(await start(svg('<rect width="9" height="9"/>'), 'image/png')).toMatchObject({
      kind: 'rejected',
      code: 'unprocessable-media',
    });
  });
});
