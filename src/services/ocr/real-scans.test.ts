import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { ocrEnginesHere } from '../../../test/support/ocr-engines.ts';
import { ocrTask, plain } from '../../../test/support/ocr-task.ts';

const corpora = fileURLToPath(new URL('../../../../shared/corpora/', import.meta.url));
const [found] = await ocrEnginesHere();
if (found === undefined) throw new Error('there is no engine');
const { run, read } = ocrTask(found);
const isHere = existsSync(corpora);

test.skipIf(!isHere).each([
  ['ocr/phototest.tif', 'tiff', 0],
  ['ocr/phototest_2.tif', 'tiff', 0],
  ['ocr/phototest-rotated-180.png', 'png', 180],
  ['ocr/phototest-rotated-L.png', 'png', 90],
  ['ocr/phototest-rotated-R.png', 'png', 270],
])('every word of %s is read, whichever way up it is', async (file, type, rotation) => {
  const { pages, text } = await read(readFileSync(corpora + file), `image/${type}`);
  expect(pages[0]?.rotation).toBe(rotation);
  expect(plain(text)).toMatch(/^This is a lot of 12 point text to test the ocr code .* brown dog jumped over the lazy fox\.$/);
});

test.skipIf(!isHere).each([
  ['simple.webp', 'webp'],
  ['simple.gif', 'gif'],
  ['simple.bmp', 'bmp'],
  ['simple-90.jpg', 'jpeg'],
  ['simple-180.jpg', 'jpeg'],
  ['simple-270.jpg', 'jpeg'],
])('%s says what all of its kind say', async (file, type) => {
  const { text, pages } = await read(readFileSync(`${corpora}ocr/${file}`), `image/${type}`);
  expect(plain(text)).toBe('Tesseract.js');
  expect(pages[0]?.rotation).toBe(0);
});

test.skipIf(!isHere)('a page of the size of a house is refused', async () => {
  const { outcome } = await run(readFileSync(`${corpora}pdf/robust_enormous.pdf`), 'application/pdf');
  expect(outcome).toMatchObject({ kind: 'rejected', code: 'media-limits-exceeded' });
});
