import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, expect, test } from 'vitest';
import { drawnText, sampleLines } from '../../../test/support/letters.ts';
import { ocrEnginesHere } from '../../../test/support/ocr-engines.ts';
import { ocrTask, plain } from '../../../test/support/ocr-task.ts';
import { temporaryFolder } from '../../../test/support/program.ts';
import { tiffOf } from '../../../test/support/tiff.ts';
import { pictureToPdf } from '../../media/searchable-pdf.ts';

const [found] = await ocrEnginesHere();
if (found === undefined) throw new Error('there is no engine');
const { run, read } = ocrTask(found);
const temporary = await temporaryFolder();
afterAll(() => temporary.remove());

const note = (text: string) =>
  sharp(drawnText([text]))
    .png()
    .toBuffer();
const sample = sampleLines.join(' ');
const page = await sharp(drawnText(sampleLines)).png().toBuffer();

test('every page of a TIFF is read, of whatever size, and told as progress', async () => {
  const tiff = await tiffOf([await note('FIRST PAGE'), page, await note('THE LAST OF THEM')]);
  const { pages, text, messages } = await read(tiff, 'image/tiff');
  expect(pages.map((each) => plain(each.text))).toEqual(['FIRST PAGE', sample, 'THE LAST OF THEM']);
  expect(text?.split('\f')).toHaveLength(3);
  expect(new Set(pages.map(({ width }) => width)).size).toBe(3);
  expect(messages).toEqual(['page 1 of 3', 'page 2 of 3', 'page 3 of 3']);
});

test('of the pages those that were asked for are read, and one that is not there is told', async () => {
  const tiff = await tiffOf([await note('ONE'), await note('SECOND'), await note('THIRD')]);
  const { pages } = await read(tiff, 'image/tiff', { pages: '3, 2-2' });
  expect(pages.map(({ number, text }) => [number, plain(text)])).toEqual([
    [2, 'SECOND'],
    [3, 'THIRD'],
  ]);
  const { outcome } = await run(tiff, 'image/tiff', { pages: '2-4' });
  expect(outcome).toMatchObject({ kind: 'rejected', code: 'validation-error', detail: expect.stringContaining('3 pages') });
});

test('a page that fails keeps those before it where that was asked for', async () => {
  const tiff = await tiffOf([await note('FIRST PAGE'), await note('SECOND')]);
  // The last strip of the last page lies at the end of the file.
  const broken = tiff.subarray(0, tiff.length - 300);
  const { outcome } = await run(broken, 'image/tiff', { partial: true });
  if (outcome.kind !== 'rejected') throw new Error('it did not fail');
  expect(outcome.result).toMatchObject({ pages: [{ number: 1, text: 'FIRST PAGE' }], files: [] });
  expect((await run(broken, 'image/tiff')).outcome).not.toHaveProperty('result');
});

test('hOCR and TSV say the same as the words', async () => {
  const { pages, files, contents, text } = await read(await note('SOUP AND FISH'), 'image/png', {
    outputs: ['tsv', 'hocr', 'words'],
  });
  expect(text).toBeUndefined();
  expect(files.map(({ output, mediaType }) => [output, mediaType])).toEqual([
    ['hocr', 'text/html'],
    ['tsv', 'text/tab-separated-values'],
  ]);
  const content = (output: string) => {
    const bytes = contents.get(files.find((file) => file.output === output)?.file ?? '');
    expect(bytes?.length).toBe(files.find((file) => file.output === output)?.bytes);
    return String(bytes);
  };
  const [x = 0, y = 0, width = 0, height = 0] = pages[0]?.lines?.[0]?.words[0]?.box ?? [];
  expect(content('hocr')).toContain(`title="bbox ${x} ${y} ${x + width} ${y + height}; x_wconf`);
  expect(content('hocr')).toContain('>SOUP</span> <span');
  const rows = content('tsv')
    .trimEnd()
    .split('\n')
    .map((row) => row.split('\t'));
  expect(rows.every((row) => row.length === 12)).toBe(true);
  expect(rows.slice(1).map(([level]) => level)).toEqual(['1', '4', '5', '5', '5']);
  expect(rows[3]?.slice(6, 10).map(Number)).toEqual([x, y, width, height]);
});

test.each([
  ['image/png', page],
  ['image/jpeg', await sharp(page).jpeg().toBuffer()],
])('the searchable PDF of a picture (%s) has its text, which needs no second reading', async (mediaType, picture) => {
  const { files, contents } = await read(picture, mediaType, { outputs: ['pdf'] });
  const pdf = contents.get(files[0]?.file ?? '') ?? Buffer.alloc(0);
  expect(pdf.toString('latin1', 0, 5)).toBe('%PDF-');
  const again = await read(pdf, 'application/pdf');
  expect(plain(again.text)).toBe(sample);
  expect(again.confidence).toBeNull();
  expect(again.pages[0]?.lines?.map(({ text }) => text)).toEqual(sampleLines);
  expect(again.pages[0]?.lines?.[0]?.confidence).toBeNull();
  const [x = 0, y = 0] = again.pages[0]?.lines?.[0]?.box ?? [];
  // Drawn at 60, 60 in a picture of 72 dpi.
  for (const place of [x, y]) expect(Math.abs(place - (60 * 300) / 72)).toBeLessThan(25);
});

test('with `force` the picture of a page that has text is read', async () => {
  const { files, contents } = await read(page, 'image/png', { outputs: ['pdf'] });
  const pdf = contents.get(files[0]?.file ?? '') ?? Buffer.alloc(0);
  const { text, confidence } = await read(pdf, 'application/pdf', { force: true });
  expect(plain(text)).toBe(sample);
  expect(confidence).toBeGreaterThan(0.8);
});

test('a PDF of scans becomes searchable', async () => {
  const turned = await sharp(page).rotate(90).toColourspace('b-w').raw().toBuffer({ resolveWithObject: true });
  const { width, height } = turned.info;
  const pixels = { data: turned.data, width, height, channels: 1 } as const;
  const path = join(temporary.path, 'scan.pdf');
  await pictureToPdf([{ index: 0, width, height, lines: [], rotation: 0, picture: { pixels }, dpi: 150 }], path);
  const scan = await readFile(path);
  const searchable = await read(scan, 'application/pdf', { outputs: ['pdf', 'text'] });
  expect(searchable.pages[0]?.rotation).toBe(270);
  const made = searchable.contents.get(searchable.files[0]?.file ?? '') ?? Buffer.alloc(0);
  expect(plain((await read(made, 'application/pdf')).text)).toContain(sample);
});

test('bytes that only begin like a PDF fail', async () => {
  const { outcome } = await run(Buffer.from('%PDF-1.7 and nothing else'), 'application/pdf');
  expect(outcome).toMatchObject({ kind: 'rejected', code: 'unprocessable-media' });
});
