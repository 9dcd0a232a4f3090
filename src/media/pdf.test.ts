import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PDFDocument } from 'pdf-lib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  encryptedPdf,
  makeForm,
  makePdf,
  manyForms,
  onePage,
  plainStringsPdf,
  stream,
  writeObjects,
} from '../../test/support/pdfs.ts';
import { ServiceError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import { openPdf, type Pdf, type PdfCharacter } from './pdf.ts';
import type { Pixels } from './sharp.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coatcheck-pdf-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function open(bytes: Uint8Array, options: { password?: string } = {}): Promise<Pdf> {
  const path = join(folder, 'a.pdf');
  await writeFile(path, bytes);
  return openPdf(path, options);
}

function pixel({ data, width, channels }: Pixels, x: number, y: number): number[] {
  const at = (Math.floor(y) * width + Math.floor(x)) * channels;
  return [...data.subarray(at, at + channels)];
}

/** The box around some characters. */
function around(characters: readonly PdfCharacter[]): number[] {
  const boxes = characters.flatMap(({ box }) => (box === null ? [] : [box]));
  const [left, top] = [Math.min(...boxes.map(([x]) => x)), Math.min(...boxes.map(([, y]) => y))];
  const [right, bottom] = [Math.max(...boxes.map(([x, , w]) => x + w)), Math.max(...boxes.map(([, y, , h]) => y + h))];
  return [left, top, right - left, bottom - top];
}

test('a page tells its size, its text, and each character with its box', async () => {
  const pdf = await open(await makePdf([{ texts: [{ text: 'HI there', x: 50, y: 300 }] }]));
  expect(pdf.pageCount).toBe(1);
  const page = pdf.page(0);
  expect([page.width, page.height, page.rotation]).toEqual([300, 400, 0]);
  expect(page.text()).toBe('HI there');
  const characters = page.characters();
  expect(characters.map(({ text }) => text).join('')).toBe('HI there');
  const [x = 0, y = 0, width = 0, height = 0] = around(characters.slice(0, 2));
  // Capitals of Helvetica are 0.72 of the size high, H and I 1.0 of it wide.
  expect(Math.abs(x - 51.5)).toBeLessThan(1);
  expect(Math.abs(y + height - 100)).toBeLessThan(0.5);
  expect(Math.abs(height - 14.4)).toBeLessThan(0.5);
  expect(Math.abs(width - 17.5)).toBeLessThan(2);
  expect(characters[0]).toMatchObject({ fontSize: 20, angle: 0 });
  pdf.close();
});

test.each([
  { rotation: 0, size: [200, 250], square: [50, 130], angle: 0 },
  { rotation: 90, size: [250, 200], square: [80, 50], angle: 90 },
  { rotation: 180, size: [200, 250], square: [110, 80], angle: 180 },
  { rotation: 270, size: [250, 200], square: [130, 110], angle: 270 },
] as const)('a cropped page turned by $rotation is told and drawn upright', async ({ rotation, size, square, angle }) => {
  // The crop box begins 50 points to the right of the page's corner and 20 above it; the square lies at (100, 100).
  const pdf = await open(await makePdf([{ rotation, crop: [50, 20, 200, 250], texts: [{ text: 'HHHH', x: 100, y: 200 }] }]));
  const page = pdf.page(0);
  expect([page.width, page.height, page.rotation]).toEqual([...size, rotation]);
  const [width, height] = [size[0] * 2, size[1] * 2];
  const pixels = await page.render({ width, height });
  expect([pixels.width, pixels.height, pixels.channels, pixels.data.length]).toEqual([width, height, 3, width * height * 3]);
  const [left, top] = [square[0] * 2, square[1] * 2];
  expect(pixel(pixels, left + 3, top + 3)).toEqual([255, 0, 0]);
  expect(pixel(pixels, left + 77, top + 77)).toEqual([255, 0, 0]);
  for (const [x, y] of [
    [left - 3, top + 40],
    [left + 83, top + 40],
    [left + 40, top - 3],
    [left + 40, top + 83],
  ] as const)
    expect(pixel(pixels, x, y)).toEqual([255, 255, 255]);
  // The text is black where its characters say that they are, and nowhere around them.
  const characters = page.characters();
  const [x = 0, y = 0, w = 0, h = 0] = around(characters);
  expect(characters[0]?.angle).toBe(angle);
  expect(darkest(pixels, x * 2, y * 2, w * 2, h * 2)).toBeLessThan(60);
  for (const [dx, dy] of [
    [0, -h],
    [0, h],
    [-w, 0],
    [w, 0],
  ] as const)
    expect(darkest(pixels, (x + dx) * 2 + 2, (y + dy) * 2 + 2, w * 2 - 4, h * 2 - 4)).toBeGreaterThan(200);
  pdf.close();
});

/** Of the green of pixels in a part of a picture; red and white squares are left out by taking the brightest channel. */
function darkest(pixels: Pixels, left: number, top: number, width: number, height: number): number {
  let found = 255;
  for (let y = Math.max(top, 0); y < Math.min(top + height, pixels.height); y += 1)
    for (let x = Math.max(left, 0); x < Math.min(left + width, pixels.width); x += 1)
      found = Math.min(found, Math.max(...pixel(pixels, x, y)));
  return found;
}

test('rows of any length come without padding', async () => {
  const pdf = await open(await makePdf());
  for (const width of [1, 2, 3, 301]) expect((await pdf.page(0).render({ width, height: 7 })).data.length).toBe(width * 7 * 3);
  pdf.close();
});

test('the fields of forms are drawn', async () => {
  const pdf = await open(await makeForm());
  const pixels = await pdf.page(0).render({ width: 200, height: 200 });
  expect(pixel(pixels, 52, 112)).toEqual([0, 0, 255]);
  expect(pixel(pixels, 10, 10)).toEqual([255, 255, 255]);
  pdf.close();
});

test('more than 50 million pixels are refused', async () => {
  const pdf = await open(await makePdf());
  await expect(pdf.page(0).render({ width: 10_000, height: 5_001 })).rejects.toMatchObject({ code: 'media-limits-exceeded' });
  expect((await pdf.page(0).render({ width: 30, height: 40 })).width).toBe(30);
  pdf.close();
});

test('text comes without halves of characters, zeros and control characters', async () => {
  const meaning = [
    '/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def',
    '1 begincodespacerange <00> <ff> endcodespacerange',
    '5 beginbfchar <41> <d83dde00> <42> <d800> <43> <0000> <44> <0007> <45> <0062> endbfchar',
    'endcmap CMapName currentdict /CMap defineresource pop end end',
  ].join('\n');
  const font = '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 6 0 R >>';
  const others = [font, stream('', Buffer.from(meaning))];
  const pdf = await open(onePage('BT /F 20 Tf 20 100 Td (EABCDE) Tj ET', '/Font << /F 5 0 R >>', others));
  const page = pdf.page(0);
  for (const text of [
    page.text(),
    page
      .characters()
      .map(({ text }) => text)
      .join(''),
  ]) {
    expect(text).toMatch(/^b.*b$/u);
    expect(text).toContain('😀');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what text must not have
    expect(text).not.toMatch(/[\u0000-\u001f]|\p{Surrogate}/u);
  }
  for (const { text } of page.characters()) expect([...text]).toHaveLength(1);
  pdf.close();
});

describe('passwords', () => {
  test('an encrypted PDF wants its password', async () => {
    const bytes = encryptedPdf('open sesame');
    await expect(open(bytes)).rejects.toMatchObject({ code: 'password-required' });
    await expect(open(bytes, { password: 'sesame' })).rejects.toMatchObject({ code: 'wrong-password' });
    const pdf = await open(bytes, { password: 'open sesame' });
    expect(pdf.page(0).text()).toBe('secret');
    pdf.close();
  });

  test('a password with letters beyond ASCII is found in the encoding that the PDF has it in', async () => {
    const pdf = await open(encryptedPdf('Schlüssel'), { password: 'Schlüssel' });
    expect(pdf.page(0).text()).toBe('secret');
    pdf.close();
  });

  test('a PDF whose strings are not encrypted, unlike its streams, opens with its password', async () => {
    const bytes = plainStringsPdf('open sesame');
    await expect(open(bytes)).rejects.toMatchObject({ code: 'password-required' });
    await expect(open(bytes, { password: 'sesame' })).rejects.toMatchObject({ code: 'wrong-password' });
    const pdf = await open(bytes, { password: 'open sesame' });
    expect(pdf.page(0).text()).toBe('secret');
    pdf.close();
  });

  test('one that is encrypted with an empty password opens without', async () => {
    const pdf = await open(encryptedPdf(''));
    expect(pdf.page(0).text()).toBe('secret');
    pdf.close();
  });

  test('a password that is not needed does no harm', async () => {
    (await open(await makePdf(), { password: 'x' })).close();
  });
});

describe('broken PDFs', () => {
  test.each([
    ['nothing', Buffer.alloc(0)],
    ['no PDF', Buffer.from('hello')],
    ['a header alone', Buffer.from('%PDF-1.7\n')],
    ['zeros', Buffer.alloc(100_000)],
    ['no pages', writeObjects(['<< /Type /Catalog /Pages 2 0 R >>', '<< /Type /Pages /Kids [] /Count 0 >>'])],
    [
      'a page tree that is its own child',
      writeObjects(['<< /Type /Catalog /Pages 2 0 R >>', '<< /Type /Pages /Kids [2 0 R] >>']),
    ],
    ['no catalog', writeObjects(['<< /Type /Nothing >>'])],
  ])('%s is unprocessable', async (_what, bytes) => {
    const opened = open(bytes).then((pdf) => pdf.page(0));
    await expect(opened).rejects.toMatchObject({ code: 'unprocessable-media' });
    await expect(opened).rejects.not.toThrow(folder);
  });

  test('a page that is not there is unprocessable, the others are not', async () => {
    const whole = await makePdf([{}, {}]);
    const pdf = await open(whole);
    expect(() => pdf.page(2)).toThrow(expect.objectContaining({ code: 'unprocessable-media' }));
    expect(pdf.page(1).width).toBe(300);
    pdf.close();
  });

  test('a PDF that is cut off opens or is refused', async () => {
    const whole = await makePdf([{ texts: [{ text: 'Hello', x: 10, y: 10 }] }]);
    for (let length = 20; length < whole.length; length += 61) await looksAt(join(folder, 'cut.pdf'), whole.subarray(0, length));
  });

  test('a reference table that goes in circles does no harm', async () => {
    const whole = (await makePdf()).toString('latin1');
    const looping = whole.replace(
      /startxref\s+\d+/,
      (found) => `trailer << /Size 9 /Prev ${whole.indexOf('startxref')} >>\n${found}`,
    );
    await looksAt(join(folder, 'loop.pdf'), Buffer.from(looping, 'latin1'));
  });

  test('more than 2,000 pages are refused', async () => {
    const pdf = await PDFDocument.create();
    for (let page = 0; page <= limits.pdfPagesMax; page += 1) pdf.addPage([10, 10]);
    await expect(open(await pdf.save())).rejects.toMatchObject({ code: 'media-limits-exceeded' });
  });

  test('a PDF that wants more memory than there is for it is refused, and the next one is read', async () => {
    const pdf = await open(manyForms(8));
    const draw = async () => pdf.page(0).render({ width: 50, height: 50 });
    await expect(draw()).rejects.toMatchObject({ code: 'media-limits-exceeded' });
    await expect(draw()).rejects.toMatchObject({ code: 'media-limits-exceeded' });
    pdf.close();
    const next = await open(await makePdf([{ texts: [{ text: 'next', x: 10, y: 10 }] }]));
    expect(next.page(0).text()).toBe('next');
    next.close();
  });
});

/** Opens, reads and draws it; what goes wrong must be told as an error that a caller can be shown. */
async function looksAt(path: string, bytes?: Uint8Array): Promise<string> {
  if (bytes !== undefined) await writeFile(path, bytes);
  try {
    const pdf = await openPdf(path);
    try {
      const page = pdf.page(0);
      expect(page.width * page.height).toBeGreaterThan(0);
      expect(page.text()).not.toMatch(/\p{Surrogate}|\0/u);
      expect(page.characters().every(({ text }) => [...text].length === 1)).toBe(true);
      const scale = 400 / Math.max(page.width, page.height);
      await page.render({ width: Math.ceil(page.width * scale), height: Math.ceil(page.height * scale) });
      return 'drawn';
    } finally {
      pdf.close();
    }
  } catch (error) {
    if (error instanceof ServiceError) return error.code;
    throw error;
  }
}

const corpus = fileURLToPath(new URL('../../../shared/corpora/pdf/', import.meta.url));
const names = existsSync(corpus) ? readdirSync(corpus).filter((name) => name.endsWith('.pdf')) : [];

test.skipIf(names.length === 0)('real PDFs are drawn or told what is wrong with them', { timeout: 120_000 }, async () => {
  const found: Record<string, string> = {};
  for (const name of names) found[name] = await looksAt(corpus + name);
  const undrawn = Object.entries(found).filter(([, how]) => how !== 'drawn');
  expect(undrawn.filter(([, code]) => !['unprocessable-media', 'password-required'].includes(code))).toEqual([]);
  expect(undrawn.length).toBeLessThan(names.length / 5);
});
