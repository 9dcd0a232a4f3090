import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { drawnText, sampleLines } from '../../../test/support/letters.ts';
import { ocrEnginesHere } from '../../../test/support/ocr-engines.ts';
import { ocrTask, plain } from '../../../test/support/ocr-task.ts';

const sample = sampleLines.join(' ');
const page = await sharp(drawnText(sampleLines)).png().toBuffer();
const { width = 0, height = 0 } = await sharp(page).metadata();
const smallPage = await sharp(drawnText(['A SMALL NOTE', 'WITH TWO LINES']))
  .png()
  .toBuffer();

describe.each(await ocrEnginesHere())('with $kind', (found) => {
  const { run, read } = ocrTask(found);

  test('a page gives its lines and words with boxes in its pixels', async () => {
    const { text, confidence, pages, files } = await read(page, 'image/png');
    expect(plain(text)).toBe(sample);
    expect(confidence).toBeGreaterThan(0.8);
    expect(files).toEqual([]);
    expect(pages).toHaveLength(1);
    expect(pages[0]).toMatchObject({ number: 1, width, height, rotation: 0 });
    const lines = pages[0]?.lines ?? [];
    expect(lines.map((line) => line.text)).toEqual(sampleLines);
    const first = lines[0]?.words[0];
    expect(first).toMatchObject({ text: 'THE' });
    // Drawn at 20, 20 in units of 3 pixels, 10 units high.
    for (const [at, wanted] of [60, 60, 75, 30].entries()) expect(Math.abs((first?.box[at] ?? 0) - wanted)).toBeLessThan(8);
  });

  test.each([90, 180, 270])('a page that was turned by %d degrees is turned back', async (degrees) => {
    const turned = await sharp(page).rotate(degrees).png().toBuffer();
    const { text, pages } = await read(turned, 'image/png');
    expect(pages[0]).toMatchObject({ rotation: 360 - degrees, width, height });
    expect(plain(text)).toBe(sample);
    expect(pages[0]?.lines?.[0]?.words[0]?.box[0]).toBeLessThan(80);
  });

  test('with `rotate: none` it stays as it is', async () => {
    const { pages } = await read(await sharp(page).rotate(180).png().toBuffer(), 'image/png', { rotate: 'none' });
    expect(pages[0]?.rotation).toBe(0);
  });

  test('EXIF orientation comes first and is no rotation of ours', async () => {
    const lying = await sharp(page).rotate(270).jpeg({ quality: 95 }).withMetadata({ orientation: 6 }).toBuffer();
    const { text, pages } = await read(lying, 'image/jpeg');
    expect(pages[0]).toMatchObject({ rotation: 0, width, height });
    expect(plain(text)).toBe(sample);
  });

  test.each([-12, 4, 9])(
    'a page that is askew by %d degrees is straightened, with boxes where the words are',
    async (degrees) => {
      const askew = sharp(page).rotate(degrees, { background: '#fff' }).png();
      const { data, info } = await askew.toBuffer({ resolveWithObject: true });
      const { text, pages } = await read(data, 'image/png');
      expect(plain(text)).toBe(sample);
      expect(pages[0]).toMatchObject({ rotation: 0, width: info.width, height: info.height });
      const [x = 0, y = 0] = pages[0]?.lines?.[0]?.words[0]?.box ?? [];
      const angle = (degrees * Math.PI) / 180;
      const [fromX, fromY] = [75 - width / 2, 75 - height / 2];
      expect(Math.abs(x + 20 - (fromX * Math.cos(angle) - fromY * Math.sin(angle) + info.width / 2))).toBeLessThan(45);
      expect(Math.abs(y + 20 - (fromX * Math.sin(angle) + fromY * Math.cos(angle) + info.height / 2))).toBeLessThan(45);
    },
  );

  test('a page with specks is cleaned, one in shadow is lit', async () => {
    const grey = await sharp(page).toColourspace('b-w').raw().toBuffer();
    const picture = (data: Buffer) => sharp(data, { raw: { width, height, channels: 1 } }).png();
    let chance = 1;
    const specks = grey.map((value) => {
      chance = (chance * 16_807) % 2_147_483_647;
      return chance % 100 < 6 ? (chance % 200 < 100 ? 0 : 255) : value;
    });
    const shadow = grey.map((value, at) => value * (0.3 + (0.7 * (at % width)) / width));
    expect(plain((await read(await picture(Buffer.from(specks)).toBuffer(), 'image/png')).text)).toBe(sample);
    expect(plain((await read(await picture(Buffer.from(shadow)).toBuffer(), 'image/png')).text)).toBe(sample);
  });

  test('letters of ten pixels are read, with boxes in the pixels of the page', async () => {
    const { text, pages } = await read(
      await sharp(drawnText(sampleLines, { scale: 1 }))
        .png()
        .toBuffer(),
      'image/png',
    );
    expect(plain(text)).toBe(sample);
    for (const [at, wanted] of [20, 20, 25, 10].entries()) {
      expect(Math.abs((pages[0]?.lines?.[0]?.words[0]?.box[at] ?? 0) - wanted)).toBeLessThan(4);
    }
  });

  test('an empty page has no text and no confidence', async () => {
    const empty = await sharp({ create: { width: 800, height: 1000, channels: 3, background: '#fefefe' } })
      .png()
      .toBuffer();
    const { text, confidence, pages } = await read(empty, 'image/png');
    expect([text, confidence, pages[0]?.lines]).toEqual(['', null, []]);
  });

  test.each(['jpeg', 'png', 'webp', 'gif', 'tiff'] as const)('%s is read', async (format) => {
    const { text } = await read(await sharp(smallPage).toFormat(format).toBuffer(), `image/${format}`);
    expect(plain(text)).toBe('A SMALL NOTE WITH TWO LINES');
  });

  test('a see-through picture is read as if on white paper', async () => {
    const ink = await sharp(smallPage).toColourspace('b-w').negate().raw().toBuffer({ resolveWithObject: true });
    const clear = await sharp({ create: { width: ink.info.width, height: ink.info.height, channels: 3, background: '#000' } })
      .joinChannel(ink.data, { raw: { width: ink.info.width, height: ink.info.height, channels: 1 } })
      .png()
      .toBuffer();
    expect(plain((await read(clear, 'image/png')).text)).toBe('A SMALL NOTE WITH TWO LINES');
  });

  test('a cut-off picture fails, and is read as far as it goes where that was asked for', async () => {
    const jpeg = await sharp(page).jpeg().toBuffer();
    const cut = jpeg.subarray(0, jpeg.length * 0.7);
    expect((await run(cut, 'image/jpeg')).outcome).toMatchObject({ kind: 'rejected', code: 'unprocessable-media' });
    expect(plain((await read(cut, 'image/jpeg', { lenient: true })).text)).toContain('THE OLD MILL');
  });

  test('bytes that only begin like a picture fail', async () => {
    const outcome = (await run(Buffer.from('BM but no bitmap, whatever comes here'), 'image/bmp')).outcome;
    expect(outcome).toMatchObject({ kind: 'rejected', code: 'unprocessable-media' });
  });

  test('a job that is canceled stops in the middle of a page', async () => {
    const abort = new AbortController();
    const running = run(page, 'image/png', {}, { signal: abort.signal, progress: () => setImmediate(() => abort.abort()) });
    await expect(running).rejects.toThrow(/abort/i);
    expect(plain((await read(smallPage, 'image/png')).text)).toBe('A SMALL NOTE WITH TWO LINES');
  });
});
