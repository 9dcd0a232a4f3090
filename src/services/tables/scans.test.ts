import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PDFDocument, type PDFFont, type PDFPage, StandardFonts } from 'pdf-lib';
import { afterAll, describe, expect, test } from 'vitest';
import { ocrEnginesHere } from '../../../test/support/ocr-engines.ts';
import { tablesTask } from '../../../test/support/tables-task.ts';
import { openPdf } from '../../media/pdf.ts';
import { fromPixels } from '../../media/sharp.ts';
import type { TableResult } from './contract.ts';

/** Tables whose lines are a picture: pages are drawn, made pictures, and read. */
const [found] = await ocrEnginesHere();
if (found === undefined) throw new Error('there is always tesseract.js');
const { read } = tablesTask(found);
const folder = await mkdtemp(join(tmpdir(), 'coatcheck-scans-'));
afterAll(() => rm(folder, { recursive: true }));

const minutes = 60_000;
const texts = ({ rows = [] }: TableResult) => rows.map((row) => row.map(({ text }) => text));
/** Engines overlook a number that stands alone, so that one of the cells may be empty. */
function expectCells(tables: readonly TableResult[]): void {
  const [read = []] = tables.map(texts);
  expect(read.map((row) => row.length)).toEqual(cells.map((row) => row.length));
  const wrong = cells.flatMap((row, at) => row.filter((text, place) => read[at]?.[place] !== text));
  expect(wrong.length, `not read: ${wrong.join(', ')}`).toBeLessThanOrEqual(2);
}

const spans = ({ rows = [] }: TableResult) => rows.map((row) => row.map(({ rowspan, colspan }) => [rowspan, colspan]));

describe('a ruled table in a scan', () => {
  test('is found by its lines, with cells that span', { timeout: 3 * minutes }, async () => {
    const { pages, tables } = await read(await scanOf(await ruledPage()), {}, 'image/png');
    expect(pages).toMatchObject([{ rotation: 0, recognized: true }]);
    expect(tables.map(({ method }) => method)).toEqual(['lattice']);
    expectCells(tables);
    expect(tables.map(spans)[0]?.slice(0, 2)).toEqual([
      [
        [2, 1],
        [1, 2],
        [2, 1],
      ],
      [
        [1, 1],
        [1, 1],
      ],
    ]);
  });

  test('is the same where the page leans, its box where the table is seen', { timeout: 3 * minutes }, async () => {
    const straight = await read(await scanOf(await ruledPage()), {}, 'image/png');
    const { tables } = await read(await scanOf(await ruledPage(), { degrees: 1.6 }), {}, 'image/png');
    expectCells(tables);
    const [level, leaning] = [straight.tables[0]?.box ?? [], tables[0]?.box ?? []];
    // Around what leans, a box is somewhat larger.
    expect(leaning[2]).toBeGreaterThan(level[2] ?? 0);
    expect(leaning[3]).toBeGreaterThan(level[3] ?? 0);
  });

  test('is found by lattice alone, too, and on a page that lies on its side', { timeout: 3 * minutes }, async () => {
    const scan = await scanOf(await ruledPage(), { degrees: 90 });
    const { pages, tables } = await read(scan, { method: 'lattice' }, 'image/png');
    expect(pages).toMatchObject([{ rotation: 270, width: expect.any(Number) }]);
    expectCells(tables);
  });

  test('keeps its lines in a PDF that was made searchable', { timeout: 3 * minutes }, async () => {
    const drawn = await ruledPage();
    const pdf = await PDFDocument.load(drawn.withoutText);
    const scan = await PDFDocument.create();
    const page = scan.addPage([595, 842]);
    page.drawImage(await scan.embedPng(await scanOf({ ...drawn, bytes: await pdf.save() })), {
      x: 0,
      y: 0,
      width: 595,
      height: 842,
    });
    await writeCells(page, await scan.embedFont(StandardFonts.Helvetica), 0);
    const { pages, tables } = await read(await scan.save());
    expect(pages).toMatchObject([{ recognized: false }]);
    expect(tables.map(({ method }) => method)).toEqual(['lattice']);
    expect(tables.map(texts)).toEqual([cells]);
  });
});

const cells = [
  ['Harbour', 'Ships', 'Remarks'],
  ['inbound', 'outbound'],
  ['Northport', '128', '131', 'ice until April'],
  ['Eastholm', '64', '59', ''],
  ['Westerby', '233', '240', 'new quay'],
];

interface Drawn {
  readonly bytes: Uint8Array;
  readonly withoutText: Uint8Array;
}

const [left, top, rowHeight] = [80, 700, 30];
const edges = [0, 140, 220, 300, 440].map((x) => left + x);

async function ruledPage(): Promise<Drawn> {
  const make = async (hasText: boolean) => {
    const pdf = await PDFDocument.create();
    const page = pdf.addPage([595, 842]);
    const line = (from: [number, number], to: [number, number]) =>
      page.drawLine({ start: { x: from[0], y: from[1] }, end: { x: to[0], y: to[1] }, thickness: 0.8 });
    const [first = 0, second = 0, third = 0, fourth = 0, last = 0] = edges;
    for (let row = 0; row <= 5; row += 1) {
      const y = top - row * rowHeight;
      if (row === 1) line([second, y], [fourth, y]);
      else line([first, y], [last, y]);
    }
    for (const x of [first, second, fourth, last]) line([x, top], [x, top - 5 * rowHeight]);
    line([third, top - rowHeight], [third, top - 5 * rowHeight]);
    if (hasText) await writeCells(page, await pdf.embedFont(StandardFonts.Helvetica), 1);
    return pdf.save();
  };
  return { bytes: await make(true), withoutText: await make(false) };
}

async function writeCells(page: PDFPage, font: PDFFont, opacity: number): Promise<void> {
  const places: [text: string, column: number, row: number][] = [
    ['Harbour', 0, 0.5],
    ['Ships', 1, 0],
    ['Remarks', 3, 0.5],
    ['inbound', 1, 1],
    ['outbound', 2, 1],
    ...cells.slice(2).flatMap((row, at) => row.map((text, column): [string, number, number] => [text, column, at + 2])),
  ];
  for (const [text, column, row] of places)
    page.drawText(text, { x: (edges[column] ?? 0) + 8, y: top - (row + 1) * rowHeight + 10, size: 13, font, opacity });
}

/** The page at 200 dpi with grain, turned clockwise. */
async function scanOf({ bytes }: Drawn, { degrees = 0 } = {}): Promise<Buffer> {
  const path = join(folder, 'page.pdf');
  await writeFile(path, bytes);
  const pdf = await openPdf(path);
  const pixels = await pdf.page(0).render({ width: 1653, height: 2339 });
  pdf.close();
  let noise = 12345;
  const data = pixels.data.map((value) => {
    noise = (noise * 1103515245 + 12345) & 0x7fffffff;
    return Math.max(0, Math.min(255, value * 0.9 + ((noise >> 16) % 24)));
  });
  return fromPixels({ ...pixels, data: Buffer.from(data) })
    .rotate(degrees, { background: '#e8e8e8' })
    .png()
    .toBuffer();
}
