import { PDFDocument, rgb } from 'pdf-lib';
import { describe, expect, test } from 'vitest';
import { ocrEnginesHere } from '../../../test/support/ocr-engines.ts';
import { type DrawnTable, scanOf, tablesPdf } from '../../../test/support/table-pdfs.ts';
import { tablesTask } from '../../../test/support/tables-task.ts';
import type { TableResult } from './contract.ts';

/** Two tables beside each other are two, and one with a wide gap between its columns is one. */
const [found] = await ocrEnginesHere();
if (found === undefined) throw new Error('there is always tesseract.js');
const { read } = tablesTask(found);

const texts = ({ rows = [] }: TableResult) => rows.map((row) => row.map(({ text }) => text));

const names = ['Northport', 'Eastholm', 'Westerby', 'Southwick', 'Midford', 'Upton', 'Lowmoor', 'Highgate', 'Dunmere', 'Ashby'];
const fruit = ['Apples', 'Pears', 'Plums', 'Cherries', 'Quinces', 'Figs', 'Dates', 'Grapes', 'Melons', 'Currants'];
const amount = (row: number, column: number) => String(((row * 37 + column * 91) % 900) + 12);

/** A label and numbers in each row. */
const rowsOf = (labels: readonly string[], header: readonly string[], count: number) => [
  header,
  ...labels.slice(0, count).map((label, row) => [label, ...header.slice(1).map((_, column) => amount(row, column))]),
];
const ports = (count: number) => rowsOf(names, ['Port', 'Ships', 'Crews'], count);
const goods = (count: number) => rowsOf(fruit, ['Goods', 'Tons', 'Price'], count);

const widths = [70, 50, 50];
const wide = { left: 340, top: 140, widths };
const near = { left: 256, top: 140, widths };
const left: DrawnTable = { left: 60, top: 140, widths, rows: ports(7) };

const pairs: Record<string, readonly [DrawnTable, DrawnTable]> = {
  'ruled ones': [
    { ...left, lines: 'all' },
    { ...near, rows: goods(7), lines: 'all' },
  ],
  'ruled ones of different heights and rows': [
    { ...left, rows: ports(9), lines: 'all' },
    { ...near, rows: goods(4), lines: 'all', top: 160, pitch: 21 },
  ],
  'a ruled one and an unruled one': [
    { ...left, lines: 'all' },
    { ...near, rows: goods(7) },
  ],
  'unruled ones far apart, row beside row': [left, { ...wide, rows: goods(7) }],
  'unruled ones that end at different heights': [left, { ...near, rows: goods(3) }],
  'an unruled one that begins further down': [left, { ...near, rows: goods(7), top: 140 + 3 * 16 }],
  'unruled ones whose rows stand at other heights': [left, { ...near, rows: goods(7), top: 147 }],
  'unruled ones whose rows are not as high': [left, { ...near, rows: goods(6), pitch: 22 }],
  'ones with lines over and under their headers': [
    { ...left, lines: 'open' },
    { ...near, rows: goods(7), lines: 'open' },
  ],
  'ones with bars behind their headers': [
    { ...left, header: { fill: [0.8, 0.85, 0.9], ink: [0, 0, 0] } },
    { ...near, rows: goods(7), header: { fill: [0.8, 0.85, 0.9], ink: [0, 0, 0] } },
  ],
  'ones that name their columns alike': [left, { ...near, rows: rowsOf(fruit, ['Port', 'Ships', 'Crews'], 7) }],
  'ones of words whose rows stand at other heights': [
    { ...left, rows: names.slice(0, 7).map((name, row) => [name, fruit[(row * 3) % 10] ?? '']), widths: [80, 60] },
    { ...near, rows: fruit.slice(0, 7).map((name, row) => [name, names[(row * 3) % 10] ?? '']), widths: [80, 60], top: 147 },
  ],
};

const three: readonly DrawnTable[] = [
  { left: 40, top: 140, widths: [60, 40], rows: rowsOf(names, ['Port', 'Ships'], 6) },
  { left: 200, top: 150, widths: [60, 40], rows: rowsOf(fruit, ['Goods', 'Tons'], 9) },
  { left: 360, top: 142, widths: [60, 40], rows: rowsOf(names, ['Town', 'Inns'], 4), pitch: 21 },
];

describe('two tables side by side are two:', () => {
  test.each(Object.entries(pairs))('%s', async (_name, pair) => {
    const { tables } = await read(await tablesPdf(pair));
    expect(tables.map(texts)).toEqual(pair.map(({ rows }) => rows));
    const [first, second] = tables.map(({ box }) => box);
    expect((first?.[0] ?? 0) + (first?.[2] ?? 0)).toBeLessThan(second?.[0] ?? 0);
  });

  test('ones with titles of their own', async () => {
    const pdf = await tablesPdf([left, { ...near, rows: goods(7) }], (page, font) => {
      page.drawText('Ships by port in spring', { x: 64, y: 842 - 120, size: 10, font });
      page.drawText('What the goods were worth', { x: 260, y: 842 - 120, size: 10, font });
    });
    const { tables } = await read(pdf);
    expect(tables.map((table) => texts(table).slice(-7))).toEqual([ports(7).slice(1), goods(7).slice(1)]);
  });

  test('under a title over both, with a note below', async () => {
    const pdf = await tablesPdf([left, { ...wide, rows: goods(7) }], (page, font) => {
      page.drawText('What came in and what went out of the harbour, and what was paid for all of it', {
        x: 64,
        y: 742,
        size: 12,
        font,
      });
      page.drawText('Counted by the harbour master on the last day of the quarter.', { x: 64, y: 560, size: 8, font });
    });
    expect((await read(pdf)).tables.map(texts)).toEqual([ports(7), goods(7)]);
  });

  test('and three are three, whatever their heights', async () => {
    expect((await read(await tablesPdf(three))).tables.map(texts)).toEqual(three.map(({ rows }) => rows));
  });
});

const [head = [], ...body] = rowsOf(names, ['Port', 'Ships', 'Crews'], 8);
const beside = (name: string, values: (row: number) => string) => (row: readonly string[], at: number) => [
  ...row,
  at === 0 ? name : values(at - 1),
];
const withColumns = (...columns: readonly (readonly [string, (row: number) => string])[]) =>
  columns.reduce<string[][]>(
    (rows, [name, values]) => rows.map(beside(name, values)),
    [[...head], ...body.map((row) => [...row])],
  );
const numbers = (column: number) => (row: number) => amount(row, column);
const words = (row: number) => ['ice', 'fog', 'new quay'][row % 3] ?? '';

const ones: Record<string, DrawnTable> = {
  'the gap between its labels and its numbers is wide': { ...left, widths: [260, 50, 50] },
  'a wide gap parts its numbers': {
    ...left,
    rows: withColumns(['Tons', numbers(5)], ['Price', numbers(6)]),
    widths: [70, 50, 50, 170, 50],
  },
  'a wide gap stands before its remarks': { ...left, rows: withColumns(['Remarks', words]), widths: [70, 50, 150, 80] },
  'its remarks and their dates stand far off, one row beside the other': {
    ...left,
    rows: withColumns(['Remarks', words], ['Flag', (row) => ['red', 'blue'][row % 2] ?? '']),
    widths: [70, 50, 150, 80, 50],
  },
  'its numbers are grouped, with the same names': {
    ...left,
    rows: [['', 'Men', 'Women', 'Men', 'Women'], ...withColumns(['', numbers(7)], ['', numbers(8)]).slice(1)],
    widths: [80, 50, 50, 150, 50],
  },
  'it is ruled, with a wide column': { ...left, lines: 'all', widths: [70, 250, 50] },
};

describe('one table stays one where', () => {
  test.each(Object.entries(ones))('%s', async (_name, table) => {
    const { tables } = await read(await tablesPdf([table]));
    expect(tables.map((each) => each.columns)).toEqual([table.widths.length]);
    expect(tables[0]?.rows).toHaveLength(table.rows.length);
  });

  const sisters = withColumns(['Sister port', (row) => names[(row + 3) % 10] ?? ''], ['Miles', numbers(9)]);
  const apart: DrawnTable = { ...left, rows: sisters, widths: [70, 50, 150, 80, 50] };

  test('a line under its header runs across the gap', async () => {
    const pdf = await tablesPdf([apart], (page) => page.drawLine({ start: { x: 60, y: 698 }, end: { x: 460, y: 698 } }));
    expect((await read(pdf)).tables.map(({ columns }) => columns)).toEqual([5]);
  });

  test('stripes run across the gap', async () => {
    const striped = { ...apart, stripes: { fill: [0.9, 0.9, 0.9], ink: [0, 0, 0] } } as const;
    expect((await read(await tablesPdf([striped]))).tables.map(({ columns }) => columns)).toEqual([5]);
  });

  test('texts of two lines stand beside rows of one', async () => {
    const lines = Array.from({ length: 16 }, (_, row) => [`${fruit[row % 10]} ${row % 2 === 0 ? 'from' : 'to'}`, words(row)]);
    const pdf = await tablesPdf([
      { ...left, pitch: 26 },
      { left: 256, top: 160, widths: [90, 70], rows: lines.slice(0, 14), pitch: 13 },
    ]);
    expect((await read(pdf)).tables).toHaveLength(1);
  });

  test('it stands in a box of its own with a colour', async () => {
    const pdf = await tablesPdf([{ ...left, widths: [70, 50, 150] }], (page) =>
      page.drawRectangle({ x: 50, y: 580, width: 300, height: 140, borderColor: rgb(0.2, 0.2, 0.6), borderWidth: 1 }),
    );
    expect((await read(pdf)).tables.map(({ columns }) => columns)).toEqual([3]);
  });
});

/** In large letters, and without the last rows: among them is a figure that the engine misreads (B25 for 325) and is sure of. */
const readable = (tables: readonly DrawnTable[]) => tables.map((table) => ({ size: 12, ...table, rows: table.rows.slice(0, 7) }));
const scanned = async (tables: readonly DrawnTable[], degrees = 0) => scanOf(await tablesPdf(tables), { degrees });
const minutes = 60_000;

describe('in a scan', () => {
  test('two are two: unruled ones far apart, row beside row', { timeout: 4 * minutes }, async () => {
    const pair = pairs['unruled ones far apart, row beside row'] ?? [];
    expect((await read(await scanned(pair), {}, 'image/png')).tables.map(texts)).toEqual(pair.map(({ rows }) => rows));
  });

  test.each([
    'unruled ones whose rows are not as high',
    'ones that name their columns alike',
    'ones of words whose rows stand at other heights',
  ])('two are two: %s', { timeout: 4 * minutes }, async (name) => {
    const pair = readable(pairs[name] ?? []);
    const { tables, pages } = await read(await scanned(pair), {}, 'image/png');
    expect(pages).toMatchObject([{ recognized: true }]);
    expect(tables.map(texts)).toEqual(pair.map(({ rows }) => rows));
  });

  test('two are two on a page that leans', { timeout: 4 * minutes }, async () => {
    const pair = readable(pairs['ones of words whose rows stand at other heights'] ?? []);
    const { tables } = await read(await scanned(pair, 1.3), {}, 'image/png');
    expect(tables.map(texts)).toEqual(pair.map(({ rows }) => rows));
  });

  test('three are three, in a PDF that is a picture', { timeout: 4 * minutes }, async () => {
    const pdf = await PDFDocument.create();
    const size = { width: 595, height: 842 };
    pdf.addPage([size.width, size.height]).drawImage(await pdf.embedPng(await scanned(readable(three))), { x: 0, y: 0, ...size });
    const { tables } = await read(await pdf.save());
    expect(tables.map(texts)).toEqual(readable(three).map(({ rows }) => rows));
  });

  test('one with a wide gap stays one, with all of its columns', { timeout: 4 * minutes }, async () => {
    const one = readable([ones['a wide gap parts its numbers'] ?? left]);
    expect((await read(await scanned(one), {}, 'image/png')).tables.map(texts)).toEqual(one.map(({ rows }) => rows));
  });
});
