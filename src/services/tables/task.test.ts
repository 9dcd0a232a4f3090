import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { degrees, PDFDocument, StandardFonts } from 'pdf-lib';
import { describe, expect, test } from 'vitest';
import { ocrEnginesHere } from '../../../test/support/ocr-engines.ts';
import { temporaryFolder } from '../../../test/support/program.ts';
import { harbour, tablesTask } from '../../../test/support/tables-task.ts';
import { openPdf } from '../../media/pdf.ts';
import { fromPixels } from '../../media/sharp.ts';
import type { TableResult } from './contract.ts';

const [found] = await ocrEnginesHere();
if (found === undefined) throw new Error('there is always tesseract.js');
const { run, read } = tablesTask(found);
const sample = await harbour();

const texts = ({ rows = [] }: TableResult) => rows.map((row) => row.map(({ text }) => text));

describe('the sample', () => {
  test('has a ruled table with its spans, and an unruled one', async () => {
    const { pages, tables } = await read(sample);
    expect(pages).toEqual([{ number: 1, width: 595, height: 842, rotation: 0, recognized: false }]);
    const [dues, lamps] = tables;
    expect(tables.map(({ method, headerRows, columns }) => [method, headerRows, columns])).toEqual([
      ['lattice', 2, 4],
      ['stream', 1, 4],
    ]);
    expect(dues?.rows?.[0]).toEqual([
      { text: 'Ship', rowspan: 2, colspan: 1 },
      { text: 'Tons', rowspan: 1, colspan: 2 },
      { text: 'Dues\ncrowns', rowspan: 2, colspan: 1 },
    ]);
    expect(dues === undefined ? [] : texts(dues).slice(1, 4)).toEqual([
      ['empty', 'laden'],
      ['Amalia', '120', '310', '84.50'],
      ['Good Hope', '95', '240', '66.00'],
    ]);
    expect(lamps === undefined ? [] : texts(lamps)).toEqual([
      ['Lamp', 'Spring', 'Summer', 'Autumn'],
      ['Brass, one wick', '48', '22', '61'],
      ['Brass, two wicks', '17', '9', '30'],
      ['Tin', '105', '84', '160'],
      ['Glass shades', '33', '12', '47'],
    ]);
    expect(dues?.box.map(Math.round)).toEqual([72, 142, 410, 144]);
  });

  test('is the same when its page lies on its side', async () => {
    const pdf = await PDFDocument.load(sample);
    pdf.getPage(0).setRotation(degrees(90));
    const { pages, tables } = await read(await pdf.save());
    expect(pages).toMatchObject([{ width: 595, height: 842, rotation: 270 }]);
    expect(tables.map(texts)).toEqual((await read(sample)).tables.map(texts));
    expect(tables[0]?.box.map(Math.round)).toEqual([72, 142, 410, 144]);
  });

  test('gives one kind of table where one method is asked for', async () => {
    expect((await read(sample, { method: 'lattice' })).tables.map(({ method }) => method)).toEqual(['lattice']);
    const { tables } = await read(sample, { method: 'stream' });
    expect(tables.length).toBeGreaterThan(0);
    expect(tables.every(({ method }) => method === 'stream')).toBe(true);
  });

  test('gives what lies in a box', async () => {
    const { tables } = await read(sample, { box: [60, 350, 475, 100] });
    expect(tables.map(({ method }) => method)).toEqual(['stream']);
  });

  test('has no rows in the result where only files are asked for', async () => {
    const { tables } = await read(sample, { outputs: ['csv'] });
    expect(tables.map(({ rows }) => rows)).toEqual([undefined, undefined]);
  });
});

describe('files', () => {
  test('CSV is a file a table and a zip of them', async () => {
    const { files, contents } = await read(sample, { outputs: ['csv'] });
    expect(files.map(({ mediaType }) => mediaType)).toEqual(['text/csv', 'text/csv', 'application/zip']);
    const first = 'Ship,Tons,,"Dues\ncrowns"\r\n,empty,laden,\r\nAmalia,120,310,84.50\r\n';
    expect(contents.get('a report.1.csv')?.toString().startsWith(first)).toBe(true);
    const zip = unzipSync(contents.get('a report.csv.zip') ?? Buffer.alloc(0));
    expect(Object.keys(zip)).toEqual(['a report.1.csv', 'a report.2.csv']);
    expect(Buffer.from(zip['a report.2.csv'] ?? []).toString()).toContain('Tin,105,84,160\r\n');
  });

  test('XLSX has a sheet a table, numbers as numbers and spans as merged cells', async () => {
    const { contents } = await read(sample, { outputs: ['xlsx'] });
    const zip = unzipSync(contents.get('a report.xlsx') ?? Buffer.alloc(0));
    const sheet = Buffer.from(zip['xl/worksheets/sheet1.xml'] ?? []).toString();
    expect(sheet).toContain('<mergeCells count="3"><mergeCell ref="A1:A2"/><mergeCell ref="B1:C1"/><mergeCell ref="D1:D2"/>');
    expect(sheet).toContain('<c r="D3"><v>84.50</v></c>');
    expect(Buffer.from(zip['xl/workbook.xml'] ?? []).toString()).toContain('name="Table 2, page 1"');
  });

  test('HTML has headers and spans', async () => {
    const { contents } = await read(sample, { outputs: ['html'] });
    const html = contents.get('a report.html')?.toString() ?? '';
    expect(html).toContain(
      '<thead>\n<tr><th rowspan="2">Ship</th><th colspan="2">Tons</th><th rowspan="2">Dues<br>crowns</th></tr>',
    );
  });

  test('XML has pages, blocks, lines and words with boxes from the bottom left', async () => {
    const { contents } = await read(sample, { outputs: ['xml'] });
    const xml = contents.get('a report.xml')?.toString() ?? '';
    expect(xml).toContain('<page id="1" bbox="0.000,0.000,595.000,842.000" rotate="0">');
    expect(xml).toMatch(/<textbox id="0" [^>]+>\n<textline [^>]+><word bbox="72\.000,[\d.,]+" size="18\.000">The<\/word> <word/);
  });
});

describe('text alone', () => {
  test('is in the order of reading, the cells of a table in rows, and no tables are looked for', async () => {
    const { tables, contents } = await read(sample, { outputs: ['text', 'xml'] });
    expect(tables).toEqual([]);
    const text = contents.get('a report.txt')?.toString() ?? '';
    expect(text).toMatch(/^The harbour in the second quarter\n\nFour ships paid their dues\. .+\n\n/);
    expect(text).toContain('Amalia\t120\t310\t84.50\nGood Hope\t95\t240\t66.00\n');
    expect(contents.get('a report.xml')?.toString()).toContain('>quarter</word>');
  });

  test('has the same words as the XML of a page whose tables are looked for', async () => {
    const wordsOf = async (outputs: string[]) => {
      const { contents } = await read(sample, { outputs });
      return [...(contents.get('a report.xml')?.toString() ?? '').matchAll(/<word [^>]+>([^<]*)/g)].map(([, word]) => word);
    };
    expect(await wordsOf(['xml'])).toEqual(await wordsOf(['json', 'xml']));
  });

  test('reads one column after the other, though both have lines at the same heights', async () => {
    const pdf = await PDFDocument.create();
    const font = await pdf.embedFont(StandardFonts.Helvetica);
    const page = pdf.addPage([595, 842]);
    const write = (text: string, x: number, y: number) => page.drawText(text, { x, y, size: 11, font });
    write('A title that stands over both of the columns of the page', 60, 780);
    for (let line = 0; line < 12; line += 1) {
      write(`left line ${line} has some words.   And more`, 60, 740 - line * 14);
      write(`right line ${line} has some other words`, 320, 740 - line * 14);
    }
    const { contents } = await read(await pdf.save(), { outputs: ['text'] });
    const lines = (contents.get('a report.txt')?.toString() ?? '').split('\n').filter((line) => line !== '');
    expect(lines.map((line) => line.split(' ').slice(0, 3).join(' '))).toEqual([
      'A title that',
      ...Array.from({ length: 12 }, (_, line) => `left line ${line}`),
      ...Array.from({ length: 12 }, (_, line) => `right line ${line}`),
    ]);
  });
});

test('a table that goes on over pages is joined where that is asked for, its repeated header left out', async () => {
  const pdf = await longTable(2, 30);
  const joined = await read(pdf, { joinPages: true });
  expect(joined.tables).toMatchObject([{ page: 1, pages: [1, 2], headerRows: 1 }]);
  expect(joined.tables[0]?.rows).toHaveLength(61);
  const apart = await read(pdf);
  expect(apart.tables.map(({ page, rows }) => [page, rows?.length])).toEqual([
    [1, 31],
    [2, 31],
  ]);
  const second = await read(pdf, { pages: '2' });
  expect(second.pages.map(({ number }) => number)).toEqual([2]);
});

test('a table in a scan is read', { timeout: 60_000 }, async () => {
  const { pages, tables } = await read(await pictureOf(sample), {}, 'image/png');
  expect(pages).toMatchObject([{ rotation: 0, recognized: true }]);
  expect(tables.flatMap(texts)).toEqual(expect.arrayContaining([['Tin', '105', '84', '160']]));
});

test('a page that does not exist, and a file that is no PDF, are told', async () => {
  expect((await run(sample, { pages: '2' })).outcome).toMatchObject({ kind: 'rejected', code: 'validation-error' });
  expect((await run(Buffer.from('%PDF-1.4 and nothing'))).outcome).toMatchObject({
    kind: 'rejected',
    code: 'unprocessable-media',
  });
});

/** The first page at 200 dpi. */
async function pictureOf(bytes: Uint8Array): Promise<Buffer> {
  const folder = await temporaryFolder();
  const path = join(folder.path, 'a.pdf');
  await writeFile(path, bytes);
  const pdf = await openPdf(path);
  const page = pdf.page(0);
  const pixels = await page.render({ width: Math.round((page.width * 200) / 72), height: Math.round((page.height * 200) / 72) });
  pdf.close();
  await folder.remove();
  return fromPixels(pixels).png().toBuffer();
}

/** A table of numbers over pages, each with its header. */
async function longTable(pageCount: number, rowCount: number): Promise<Uint8Array> {
  const pdf = await PDFDocument.create();
  const font = await pdf.embedFont(StandardFonts.Helvetica);
  for (let number = 0; number < pageCount; number += 1) {
    const page = pdf.addPage([595, 842]);
    const write = (cells: readonly string[], row: number) => {
      for (const [column, text] of cells.entries())
        page.drawText(text, { x: 80 + column * 120, y: 780 - row * 22, size: 11, font });
    };
    write(['Lamp', 'Wicks', 'Oil'], 0);
    for (let row = 1; row <= rowCount; row += 1)
      write([`Lamp ${number * rowCount + row}`, String(row * 7), String(row * 13)], row);
  }
  return pdf.save();
}
