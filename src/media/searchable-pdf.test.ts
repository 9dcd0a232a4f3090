import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { encryptedPdf, makePdf } from '../../test/support/pdfs.ts';
import { openPdf, type PdfCharacter, type PdfPage } from './pdf.ts';
import { addText, pictureToPdf, type TextLayer } from './searchable-pdf.ts';
import type { Pixels } from './sharp.ts';

// The program reads files only; the tests also read pictures in memory.
sharp.unblock({ operation: ['VipsForeignLoadJpegBuffer', 'VipsForeignLoadPngBuffer'] });

let folder: string;
let source: string;
let target: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coatcheck-searchable-'));
  source = join(folder, 'source.pdf');
  target = join(folder, 'target.pdf');
});

afterEach(() => rm(folder, { recursive: true, force: true }));

type Box = readonly [number, number, number, number];

/** Words of two lines in boxes of pixels, on an image of 600x800, or 800x600 where it lies. */
const words: readonly (readonly { text: string; box: Box }[])[] = [
  [
    { text: 'Größe', box: [60, 40, 90, 30] },
    { text: 'ſtraße', box: [165, 42, 110, 28] },
    { text: '😀𝔉', box: [290, 40, 60, 30] },
  ],
  [
    { text: '漢字', box: [60, 100, 60, 30] },
    { text: 'naïve', box: [140, 101, 100, 30] },
  ],
];

function layer(rotation: number, index = 0): TextLayer {
  const isLying = rotation % 180 !== 0;
  const lines = words.map((line) => ({ words: line }));
  return { index, width: isLying ? 800 : 600, height: isLying ? 600 : 800, rotation, lines };
}

/** Where a box of the upright image lies on the page as it is shown, which has half as many points as the image pixels. */
function onPage([x, y, width, height]: Box, { width: across, height: down, rotation }: TextLayer): Box {
  const halved = (...box: [number, number, number, number]): Box => [box[0] / 2, box[1] / 2, box[2] / 2, box[3] / 2];
  if (rotation === 90) return halved(y, across - x - width, height, width);
  if (rotation === 180) return halved(across - x - width, down - y - height, width, height);
  if (rotation === 270) return halved(down - y - height, x, height, width);
  return halved(x, y, width, height);
}

/** What stands in a box, within two points of it. */
function textIn(characters: readonly PdfCharacter[], [left, top, width, height]: Box): string {
  const inside = characters.filter(({ box }) => {
    if (box === null) return false;
    const [x, y, w, h] = box;
    return x >= left - 2 && y >= top - 2 && x + w <= left + width + 2 && y + h <= top + height + 2;
  });
  return inside.map(({ text }) => text).join('');
}

/** Every word is found in its box, as often as it fills it from end to end. */
function expectWords(page: PdfPage, written: TextLayer): void {
  const characters = page.characters();
  for (const { text, box } of words.flat()) expect(textIn(characters, onPage(box, written))).toContain(text);
}

async function draw(path: string, page = 0, password?: string): Promise<Pixels & { text: string }> {
  const pdf = await openPdf(path, password === undefined ? {} : { password });
  const opened = pdf.page(page);
  const pixels = await opened.render({ width: Math.round(opened.width) * 2, height: Math.round(opened.height) * 2 });
  const text = opened.text();
  pdf.close();
  return { ...pixels, text };
}

const hasPoppler = spawnSync('pdftotext', ['-v']).status === 0;

/** The words that poppler finds, with where each lies in points. */
function popplerWords(path: string, ...options: string[]): { text: string; box: Box }[] {
  const { stdout, stderr } = spawnSync('pdftotext', ['-bbox', ...options, path, '-'], { encoding: 'utf8' });
  expect(stderr).toBe('');
  const pattern = /<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.*)<\/word>/g;
  return [...stdout.matchAll(pattern)].map(([, ...found]) => {
    const [left = 0, top = 0, right = 0, bottom = 0] = found.map(Number);
    return { text: found[4] ?? '', box: [left, top, right - left, bottom - top] };
  });
}

describe('text added to a PDF', () => {
  const turns = [0, 90, 180, 270] as const;

  test.each(turns.flatMap((rotation) => turns.map((read) => [rotation, read] as const)))(
    'lies where its boxes are on a page turned by %d whose image was turned by %d, and nothing is seen of it',
    async (rotation, read) => {
      // What is shown is 300x400 points, upright.
      const isLying = rotation % 180 !== 0;
      const crop = isLying ? ([50, 20, 400, 300] as const) : ([50, 20, 300, 400] as const);
      await writeFile(
        source,
        await makePdf([{ width: 500, height: 500, rotation, crop, texts: [{ text: 'old', x: 200, y: 100 }] }]),
      );
      const written = layer(read);
      await addText({ path: source }, [written], target);
      const pdf = await openPdf(target);
      const page = pdf.page(0);
      expect([page.width, page.height, page.rotation]).toEqual([300, 400, rotation]);
      expectWords(page, written);
      pdf.close();
      const [before, after] = [await draw(source), await draw(target)];
      expect(after.data.equals(before.data)).toBe(true);
      expect(after.text).toContain('old');
    },
  );

  test.runIf(hasPoppler).each(turns)('is found by poppler where its boxes are (image turned by %d)', async (rotation) => {
    await writeFile(source, await makePdf([{}]));
    const written = layer(rotation);
    await addText({ path: source }, [written], target);
    const found = popplerWords(target);
    for (const { text, box } of words.flat()) {
      const word = found.find((one) => one.text === text);
      expect(word, text).toBeDefined();
      for (const [at, side] of onPage(box, written).entries()) expect(Math.abs((word?.box[at] ?? 0) - side)).toBeLessThan(2);
    }
  });

  test('has spaces between words and a line end between lines, but no space between Chinese words', async () => {
    await writeFile(source, await makePdf([{}]));
    const chinese = ['漢', '字', '和', '詞'].map((text, at) => ({ text, box: [60 + 34 * at, 160, 30, 30] as const }));
    await addText({ path: source }, [{ ...layer(0), lines: [...layer(0).lines, { words: chinese }] }], target);
    const { text } = await draw(target);
    expect(text).toContain('Größe ſtraße 😀𝔉\n漢字 naïve\n漢字和詞');
  });

  test('of a line that runs uphill is one line', async () => {
    await writeFile(source, await makePdf([{}]));
    const rising = ['one', 'two', 'three', 'four', 'five'].map((text, at) => ({
      text,
      box: [40 + 110 * at, 300 - 4 * at, 90, 30] as const,
    }));
    await addText({ path: source }, [{ ...layer(0), lines: [{ words: rising }] }], target);
    expect((await draw(target)).text).toContain('one two three four five');
  });

  test('that runs from right to left is read in its order', async () => {
    await writeFile(source, await makePdf([{}]));
    const hebrew = ['שלום', 'עולם'].map((text, at) => ({ text, box: [300 - 120 * at, 300, 100, 30] as const }));
    await addText({ path: source }, [{ ...layer(0), lines: [{ words: hebrew }] }], target);
    expect((await draw(target)).text.normalize('NFKC')).toContain('שלום עולם');
  });

  test('may be anything: what is no text is left out', async () => {
    await writeFile(source, await makePdf([{}]));
    const odd = ['a\0b', '\ud800c', '   ', '', '(\\)<>'].map((text, at) => ({
      text,
      box: [40 + 110 * at, 300, 90, 30] as const,
    }));
    const broken = { text: 'nowhere', box: [Number.NaN, 1, 2, 3] as const };
    await addText({ path: source }, [{ ...layer(0), lines: [{ words: [...odd, broken] }, { words: [] }] }], target);
    expect((await draw(target)).text).toBe('ab \ufffdc (\\)<>');
  });

  test('goes onto the pages that have some, the others stay as they are', async () => {
    await writeFile(source, await makePdf([{ texts: [{ text: 'first', x: 10, y: 10 }] }, {}, {}]));
    await addText({ path: source }, [layer(0, 1), { ...layer(0, 2), lines: [] }], target);
    const texts = await Promise.all([0, 1, 2].map(async (page) => (await draw(target, page)).text));
    expect(texts).toEqual(['first', expect.stringContaining('naïve'), '']);
  });

  test('leaves an encrypted PDF encrypted', async () => {
    await writeFile(source, encryptedPdf('sesame'));
    await addText({ path: source, password: 'sesame' }, [layer(0)], target);
    await expect(openPdf(target)).rejects.toMatchObject({ code: 'password-required' });
    expect((await draw(target, 0, 'sesame')).text).toMatch(/secret/);
    expect((await draw(target, 0, 'sesame')).text).toMatch(/naïve/);
  });

  test('needs a PDF and its page', async () => {
    await writeFile(source, 'hello');
    await expect(addText({ path: source }, [layer(0)], target)).rejects.toMatchObject({ code: 'unprocessable-media' });
    await writeFile(source, await makePdf([{}]));
    await expect(addText({ path: source }, [layer(0, 1)], target)).rejects.toMatchObject({ code: 'unprocessable-media' });
  });
});

describe('a PDF made of pictures', () => {
  /** 60x40: red, green, blue and white quarters. */
  async function quarters(): Promise<Pixels> {
    const piece = (background: string) => ({ create: { width: 30, height: 20, channels: 3 as const, background } });
    const { data } = await sharp({ create: { width: 60, height: 40, channels: 3, background: '#fff' } })
      .composite([
        { input: piece('#f00'), left: 0, top: 0 },
        { input: piece('#0f0'), left: 30, top: 0 },
        { input: piece('#00f'), left: 0, top: 20 },
      ])
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    return { data, width: 60, height: 40, channels: 3 };
  }

  test('shows their pixels without loss, at the size that their resolution gives', async () => {
    const noise = { type: 'gaussian' as const, mean: 128, sigma: 50 };
    const { data } = await sharp({ create: { width: 120, height: 80, channels: 3, background: '#000', noise } })
      .raw()
      .toBuffer({ resolveWithObject: true });
    const pixels = { data, width: 120, height: 80, channels: 3 as const };
    await pictureToPdf([{ ...layer(0), picture: { pixels }, dpi: 144 }], target);
    const pdf = await openPdf(target);
    const page = pdf.page(0);
    expect([page.width, page.height]).toEqual([60, 40]);
    expect((await page.render({ width: 120, height: 80 })).data.equals(data)).toBe(true);
    pdf.close();
  });

  test.each([1, 2, 4] as const)('takes pixels of %d channels', async (channels) => {
    const data = Buffer.alloc(50 * 40 * channels, 128);
    const pixels = { data, width: 50, height: 40, channels };
    await pictureToPdf([{ ...layer(0), picture: { pixels }, dpi: 72 }], target);
    const { data: drawn } = await draw(target);
    // Half see-through grey over white is a lighter grey.
    const wanted = channels === 1 ? 128 : 191;
    expect(drawn.every((value) => Math.abs(value - wanted) <= 1)).toBe(true);
  });

  test('holds JPEGs as they are', async () => {
    const { data, ...raw } = await quarters();
    for (const [what, jpeg] of [
      ['colour', await sharp(data, { raw }).jpeg().toBuffer()],
      ['progressive', await sharp(data, { raw }).jpeg({ progressive: true }).toBuffer()],
      ['grey', await sharp(data, { raw }).greyscale().jpeg().toBuffer()],
      ['CMYK', await sharp(data, { raw }).toColourspace('cmyk').jpeg().toBuffer()],
    ] as const) {
      await pictureToPdf([{ ...layer(0), picture: { jpeg }, dpi: 72 }], target);
      expect((await readFile(target)).includes(jpeg), what).toBe(true);
      const pixels = await draw(target);
      const at = (x: number, y: number) => [...pixels.data.subarray((y * 120 + x) * 3, (y * 120 + x) * 3 + 3)];
      const [red = 0, , blue = 0] = at(30, 20);
      if (what === 'grey') expect(red, what).toBe(blue);
      else expect(red - blue, what).toBeGreaterThan(150);
      expect(Math.min(...at(90, 60)), what).toBeGreaterThan(240);
    }
  });

  test('refuses what is no JPEG for a PDF', async () => {
    const made = pictureToPdf([{ ...layer(0), picture: { jpeg: Buffer.from('hello, I am no picture') }, dpi: 72 }], target);
    await expect(made).rejects.toMatchObject({ code: 'unsupported-media-type' });
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'shows a JPEG of orientation %d upright, also one that was turned for reading',
    async (orientation) => {
      const { data, ...raw } = await quarters();
      const jpeg = await sharp(data, { raw })
        .jpeg({ quality: 100, chromaSubsampling: '4:4:4' })
        .withMetadata({ orientation })
        .toBuffer();
      for (const rotation of [0, 90, 180, 270]) {
        await pictureToPdf([{ ...layer(rotation), picture: { jpeg, orientation }, dpi: 72 }], target);
        const upright = await sharp(await sharp(jpeg).autoOrient().toBuffer())
          .rotate(rotation)
          .raw()
          .toBuffer({ resolveWithObject: true });
        const pdf = await openPdf(target);
        const page = pdf.page(0);
        expect([page.width, page.height]).toEqual([upright.info.width, upright.info.height]);
        const { data: drawn } = await page.render(page);
        const wrong = drawn.filter((value, at) => Math.abs(value - (upright.data[at] ?? 0)) > 40).length;
        expect(wrong / drawn.length).toBeLessThan(0.05);
        pdf.close();
      }
    },
  );

  test('has its words where their boxes are, also on pages that were turned', async () => {
    const pixels = await quarters();
    const pages = [0, 90].map((rotation) => ({ ...layer(rotation), picture: { pixels }, dpi: 14.4 }));
    await pictureToPdf(pages, target);
    const pdf = await openPdf(target);
    expect(pdf.pageCount).toBe(2);
    for (const [at, written] of pages.entries()) {
      const page = pdf.page(at);
      const [across, down] = [page.width / (written.width / 2), page.height / (written.height / 2)];
      const characters = page.characters();
      for (const { text, box } of words.flat()) {
        const [x, y, width, height] = onPage(box, { ...written, rotation: 0 });
        expect(textIn(characters, [x * across, y * down, width * across, height * down])).toContain(text);
      }
    }
    pdf.close();
    if (hasPoppler) expect(popplerWords(target).map(({ text }) => text)).toContain('ſtraße');
  });
});

const corpus = fileURLToPath(new URL('../../../shared/corpora/pdf/', import.meta.url));
const names = existsSync(corpus) ? readdirSync(corpus).filter((name) => name.endsWith('.pdf')) : [];

test.skipIf(names.length === 0)('real PDFs look the same with text, and have it', { timeout: 120_000 }, async () => {
  let count = 0;
  for (const name of names) {
    const opened = await openPdf(corpus + name).catch(() => null);
    // One page of the corpus is two thousand million points high, another is too broken to be changed.
    if (opened === null || opened.page(0).height > 20_000 || name.includes('poppler-937')) continue;
    const page = opened.page(0);
    const size = { width: Math.ceil(page.width), height: Math.ceil(page.height) };
    const before = await page.render(size);
    const box = [size.width * 0.3, size.height * 0.4, size.width * 0.3, size.height * 0.05] as const;
    const written = { index: 0, ...size, rotation: 0, lines: [{ words: [{ text: 'Zuſätze漢', box }] }] };
    opened.close();
    await addText({ path: corpus + name }, [written], target);
    const copy = await openPdf(target);
    const after = copy.page(0);
    expect((await after.render(size)).data.equals(before.data), name).toBe(true);
    const inside = textIn(after.characters(), box);
    for (const character of 'Zuſätze漢') expect(inside, name).toContain(character);
    copy.close();
    count += 1;
  }
  expect(count).toBeGreaterThan(names.length * 0.7);
});
