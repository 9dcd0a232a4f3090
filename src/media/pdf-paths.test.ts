import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { onePage } from '../../test/support/pdfs.ts';
import { temporaryFolder } from '../../test/support/program.ts';
import { openPdf } from './pdf.ts';

/** What is drawn on a page of 200x200 points. */
async function drawingOf(content: string) {
  const folder = await temporaryFolder();
  const path = join(folder.path, 'a.pdf');
  await writeFile(path, onePage(content));
  const pdf = await openPdf(path);
  const drawing = pdf.page(0).drawing();
  pdf.close();
  await folder.remove();
  return drawing;
}

test('a stroke is a line, moved and scaled as its page says, from the top left', async () => {
  const { lines, fills } = await drawingOf('2 0 0 2 10 20 cm 0 0 m 50 0 l S');
  expect(lines).toEqual([{ from: [10, 180], to: [110, 180] }]);
  expect(fills).toEqual([]);
});

test('a stroked rectangle is four lines, a filled one an area with its colour', async () => {
  expect((await drawingOf('10 10 50 30 re S')).lines).toHaveLength(4);
  const { fills } = await drawingOf('1 0 0 rg 10 10 50 30 re f 1 g 10 10 5 5 re f');
  expect(fills).toEqual([
    { box: [10, 160, 50, 30], colour: 0xff0000, isWhite: false },
    { box: [10, 185, 5, 5], colour: 0xffffff, isWhite: true },
  ]);
});

test('what leans, bends or cannot be seen is no line, and a very thick stroke is an area', async () => {
  const { lines } = await drawingOf('0 0 m 50 50 l S 0 0 m 0 50 50 50 50 0 c S 1 G 0 9 m 90 9 l S 9 9 m 90 9 l n');
  expect(lines).toEqual([]);
  const thick = await drawingOf('20 w 10 100 m 110 100 l S');
  expect(thick).toMatchObject({ lines: [], fills: [{ box: [10, 90, 100, 20] }] });
});
