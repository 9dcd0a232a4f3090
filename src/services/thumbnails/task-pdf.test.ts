import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { encryptedPdf, makePdf } from '../../../test/support/pdfs.ts';
import { folder, halves, make, near, outputs, pixel, start } from '../../../test/support/thumbnails-task.ts';

const type = 'application/pdf';

test('the first page of a PDF gives a JPEG, and its size in points', async () => {
  const { source, thumbnails: made, files } = await make(await makePdf([{}, {}, {}]), type, { width: 150, height: 200 });
  expect(source).toEqual({ mediaType: type, width: 300, height: 400, frames: 3, orientation: 1 });
  expect(made[0]).toMatchObject({ width: 150, height: 200, mediaType: 'image/jpeg' });
  expect(outputs.get(made[0]?.file ?? '')?.name).toBe('a photo.orig-150x200.jpg');
  // The red square lies at (100, 260) to (140, 300) from the top left, white paper around it.
  near(await pixel(files[0], 60, 140), [255, 0, 0]);
  near(await pixel(files[0], 20, 20), [255, 255, 255]);
});

test('another page is taken when asked for, turned as the PDF says', async () => {
  const bytes = await makePdf([{}, { width: 200, height: 300, rotation: 90 }]);
  const { source, thumbnails: made } = await make(bytes, type, {
    page: 2,
    width: 300,
    height: 300,
    fit: 'inside',
    format: 'png',
  });
  expect(source).toMatchObject({ width: 300, height: 200, frames: 2 });
  expect(made[0]).toMatchObject({ width: 300, height: 200, mediaType: 'image/png' });
});

test('pages are drawn as sharp as asked for, up to 288 dots an inch', async () => {
  const sizes = [
    { width: 1_000, height: 2_000, fit: 'inside' },
    { width: 9, height: 12, fit: 'cover' },
    { width: 4_000, height: 4_000, fit: 'inside' },
  ];
  const { thumbnails: made, files } = await make(await makePdf([{}]), type, { sizes, format: 'png' });
  expect(made.map(({ width, height }) => [width, height])).toEqual([
    [1_000, 1_333],
    [9, 12],
    [1_200, 1_600],
  ]);
  // The edge of the square, 400 pixels from the left at this scale, is one pixel wide.
  near(await pixel(files[2], 398, 1_100), [255, 255, 255]);
  near(await pixel(files[2], 402, 1_100), [255, 0, 0]);
});

test('a page as large as a hall, or as thin as a hair, is drawn within the limits', async () => {
  for (const page of [
    { width: 14_400, height: 14_400 },
    { width: 3, height: 14_400 },
  ]) {
    const sizes = [{ width: 50, height: 50, fit: 'cover' }];
    const { source } = await make(await makePdf([page]), type, { sizes });
    expect(source).toMatchObject(page);
  }
});

test('a page that is not there is told, also of a picture', async () => {
  const { kind, ...told } = await start(await makePdf([{}, {}]), type, { page: 3 });
  expect(kind).toBe('rejected');
  expect(told).toEqual({
    code: 'validation-error',
    detail: 'The file has 2 pages, so it has no page 3. Ask for one that it has.',
  });
  const ofPicture = await start(await halves().png().toBuffer(), 'image/png', { page: 2 });
  expect(ofPicture).toMatchObject({ kind: 'rejected', code: 'validation-error' });
});

test('an encrypted PDF is told as such, a broken one without a hint that does not help', async () => {
  expect(await start(encryptedPdf('sesame'), type)).toMatchObject({ kind: 'rejected', code: 'password-required' });
  await make(encryptedPdf(''), type);
  const broken = await start(Buffer.from('%PDF-1.4 and nothing else'), type);
  expect(broken).toMatchObject({ kind: 'rejected', code: 'unprocessable-media' });
  expect(JSON.stringify(broken)).not.toContain('lenient');
  expect(JSON.stringify(broken)).not.toContain(folder);
});

const corpus = new URL('../../../../shared/corpora/pdf/', import.meta.url);

test.runIf(existsSync(corpus))('real PDFs get thumbnails or are rejected', { timeout: 120_000 }, async () => {
  const names = readdirSync(corpus).filter((name) => name.endsWith('.pdf'));
  const rejected: string[] = [];
  for (const name of names) {
    const outcome = await start(await readFile(new URL(name, corpus)), type, { width: 200, height: 200, fit: 'inside' });
    if (outcome.kind === 'rejected') rejected.push(outcome.code);
    else expect(outcome.kind, name).toBe('done');
  }
  expect(rejected.filter((code) => code !== 'unprocessable-media' && code !== 'password-required')).toEqual([]);
  expect(rejected.length).toBeLessThan(names.length / 5);
});
