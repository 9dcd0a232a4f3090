/** PDFs with tables as they are drawn by hand: ruled, unruled, with bars and stripes; and pictures of such pages, as a scanner makes them. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PDFDocument, type PDFFont, type PDFPage, rgb, StandardFonts } from 'pdf-lib';
import { openPdf } from '../../src/media/pdf.ts';
import { fromPixels } from '../../src/media/sharp.ts';

export interface DrawnTable {
  readonly left: number;
  /** The first base line, in points from the top of the page. */
  readonly top: number;
  readonly widths: readonly number[];
  /** The first row is the header. */
  readonly rows: readonly (readonly string[])[];
  readonly pitch?: number;
  readonly size?: number;
  /** `open`: above the header, below it and at the end, as in books. */
  readonly lines?: 'none' | 'all' | 'open';
  /** Of grey or colour, 0 to 1 a channel. */
  readonly header?: { readonly fill: Colour; readonly ink: Colour };
  /** Behind every other row of the body. */
  readonly stripes?: { readonly fill: Colour; readonly ink: Colour };
}

export type Colour = readonly [red: number, green: number, blue: number];

const [pageWidth, pageHeight] = [595, 842];

/** One page of A4. `draw`: whatever else is on it, in coordinates of the PDF. */
export async function tablesPdf(
  tables: readonly DrawnTable[],
  draw: (page: PDFPage, font: PDFFont) => void = () => {},
): Promise<Uint8Array> {
  const pdf = await PDFDocument.create();
  const font = await pdf.embedFont(StandardFonts.Helvetica);
  const page = pdf.addPage([pageWidth, pageHeight]);
  for (const table of tables) drawTable(page, font, table);
  draw(page, font);
  return pdf.save();
}

function drawTable(page: PDFPage, font: PDFFont, table: DrawnTable): void {
  const { left, top, widths, rows, pitch = 16, size = 10, lines = 'none', header, stripes } = table;
  const width = widths.reduce((sum, each) => sum + each, 0);
  const edge = (row: number) => pageHeight - top + 0.3 * size - row * pitch + (pitch - 0.4 * size) / 2 + 0.2 * size;
  for (const [row, cells] of rows.entries()) {
    const look = row === 0 ? header : row % 2 === 0 ? stripes : undefined;
    if (look !== undefined) page.drawRectangle({ x: left, y: edge(row + 1), width, height: pitch, color: rgb(...look.fill) });
    let x = left;
    for (const [column, text] of cells.entries()) {
      const wide = widths[column] ?? 0;
      const isNumber = /^[\d.,]+$/.test(text);
      const place = isNumber ? x + wide - font.widthOfTextAtSize(text, size) - 10 : x + 4;
      page.drawText(text, { x: place, y: pageHeight - top - row * pitch, size, font, color: rgb(...(look?.ink ?? [0, 0, 0])) });
      x += wide;
    }
  }
  const ruled = { none: [], all: rows.map((_, row) => row).concat(rows.length), open: [0, 1, rows.length] }[lines];
  const line = (from: [number, number], to: [number, number]) =>
    page.drawLine({ start: { x: from[0], y: from[1] }, end: { x: to[0], y: to[1] }, thickness: 0.8 });
  for (const row of ruled) line([left, edge(row)], [left + width, edge(row)]);
  if (lines !== 'all') return;
  let x = left;
  for (const wide of [0, ...widths]) {
    x += wide;
    line([x, edge(0)], [x, edge(rows.length)]);
  }
}

/** The first page at 200 dpi with grain, turned clockwise, as PNG. */
export async function scanOf(bytes: Uint8Array, { degrees = 0 } = {}): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'coatcheck-scan-'));
  const path = join(folder, 'page.pdf');
  await writeFile(path, bytes);
  const pdf = await openPdf(path);
  const pixels = await pdf.page(0).render({ width: 1653, height: 2339 });
  pdf.close();
  await rm(folder, { recursive: true });
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
