import { readFile } from 'node:fs/promises';
import { PDFDocument, type PDFFont, type PDFPage, StandardFonts } from 'pdf-lib';
import { describe, expect, test } from 'vitest';
import { ocrEnginesHere } from '../../../test/support/ocr-engines.ts';
import { type DrawnTable, scanOf, tablesPdf } from '../../../test/support/table-pdfs.ts';
import { tablesTask } from '../../../test/support/tables-task.ts';
import type { TableResult } from './contract.ts';

/** Tables whose lines are a picture: pages are drawn, made pictures, and read. */
const [found] = await ocrEnginesHere();
if (found === undefined) throw new Error('there is always tesseract.js');
const { read } = tablesTask(found);
const minutes = 60_000;
const texts = ({ rows = [] }: TableResult) => rows.map((row) => row.map(({ text }) => text));
const spans = ({ rows = [] }: TableResult) => rows.map((row) => row.map(({ rowspan, colspan }) => [rowspan, colspan]));

describe('a ruled table in a scan', () => {
  test('is found by its lines, with cells that span', { timeout: 3 * minutes }, async () => {
    const { pages, tables } = await read(await scanOf((await ruledPage()).bytes), {}, 'image/png');
    expect(pages).toMatchObject([{ rotation: 0, recognized: true }]);
    expect(tables.map(({ method }) => method)).toEqual(['lattice']);
    expect(tables.map(texts)).toEqual([cells]);
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

  test('is read in a small picture, too, where strokes of letters are as long as lines of a page', {
    timeout: 3 * minutes,
  }, async () => {
    const sample = await readFile(new URL('../classifications/samples/table.png', import.meta.url));
    const { tables } = await read(sample, {}, 'image/png');
    expect(tables.map(texts)).toEqual([
      [
        ['Day', 'Herring', 'Cod', 'Boxes', 'Price'],
        ['Mon', '42', '18', '60', '255.00'],
        ['Tue', '55', '22', '77', '324.50'],
        ['Wed', '31', '35', '66', '318.50'],
        ['Thu', '64', '28', '92', '392.00'],
        ['Fri', '78', '41', '119', '519.00'],
        ['Sat', '50', '37', '87', '397.00'],
      ],
    ]);
  });

  test('is the same where the page leans, its box where the table is seen', { timeout: 3 * minutes }, async () => {
    const straight = await read(await scanOf((await ruledPage()).bytes), {}, 'image/png');
    const { tables } = await read(await scanOf((await ruledPage()).bytes, { degrees: 1.6 }), {}, 'image/png');
    expect(tables.map(texts)).toEqual([cells]);
    const [level, leaning] = [straight.tables[0]?.box ?? [], tables[0]?.box ?? []];
    // Around what leans, a box is somewhat larger.
    expect(leaning[2]).toBeGreaterThan(level[2] ?? 0);
    expect(leaning[3]).toBeGreaterThan(level[3] ?? 0);
  });

  test('is found by lattice alone, too, and on a page that lies on its side', { timeout: 3 * minutes }, async () => {
    const scan = await scanOf((await ruledPage()).bytes, { degrees: 90 });
    const { pages, tables } = await read(scan, { method: 'lattice' }, 'image/png');
    expect(pages).toMatchObject([{ rotation: 270, width: expect.any(Number) }]);
    expect(tables.map(texts)).toEqual([cells]);
  });

  test('keeps its lines in a PDF that was made searchable', { timeout: 3 * minutes }, async () => {
    const drawn = await ruledPage();
    const pdf = await PDFDocument.load(drawn.withoutText);
    const scan = await PDFDocument.create();
    const page = scan.addPage([595, 842]);
    page.drawImage(await scan.embedPng(await scanOf(await pdf.save())), {
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

const towns = ['Northport', 'Eastholm', 'Westerby', 'Southwick', 'Midford', 'Upton'];
const filled: DrawnTable = {
  left: 70,
  top: 120,
  widths: [110, 80, 80, 130],
  pitch: 26,
  size: 12,
  rows: [
    ['Port', 'Ships', 'Crews', 'Remarks'],
    ...towns.map((town, row) => [
      town,
      String(128 + row * 37),
      String(1131 - row * 91),
      ['ice until April', 'new quay', 'no pilot'][row % 3] ?? '',
    ]),
  ],
};
const [navy, blue, grey] = [
  { fill: [0.1, 0.15, 0.35], ink: [1, 1, 1] },
  { fill: [0.27, 0.45, 0.77], ink: [1, 1, 1] },
  { fill: [0.6, 0.6, 0.6], ink: [0, 0, 0] },
] as const;

describe('a scanned table is whole where', () => {
  test.each<[string, DrawnTable]>([
    ['its header is white on a dark bar', { ...filled, header: navy }],
    ['its header is white on blue, between lines', { ...filled, header: blue, lines: 'all' }],
    ['its rows are striped grey', { ...filled, stripes: grey }],
    [
      'its header is white and every other row light on blue, between lines',
      { ...filled, header: navy, stripes: blue, lines: 'all' },
    ],
  ])('%s', { timeout: 3 * minutes }, async (_name, table) => {
    const { tables } = await read(await scanOf(await tablesPdf([table])), {}, 'image/png');
    expect(tables.map(texts)).toEqual([table.rows]);
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
