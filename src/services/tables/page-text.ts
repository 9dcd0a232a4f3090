import { ServiceError } from '../../core/errors.ts';
import type { OcrEngine, ReadLine } from '../../media/ocr-engine.ts';
import { once, type PageImage } from '../../media/page-image.ts';
import type { PdfDrawing, PdfPage } from '../../media/pdf.ts';
import { pdfPageImage } from '../../media/pdf-page-image.ts';
import { type PixelLine, pixelLines, withoutLines } from '../../media/pixel-lines.ts';
import { readPage } from '../../media/read-page.ts';
import type { PageContent } from './find-tables.ts';
import { isWithin, median } from './frame.ts';
import { levelled } from './levelled.ts';
import { ascent, descent, readWords, uprightTurn, type Word } from './words.ts';

// What is on a page: the text that it has, or what is read from its picture, and what is drawn.

export interface PageReader {
  readonly engine: OcrEngine;
  readonly languages: readonly string[];
  readonly folder: string;
  readonly signal: AbortSignal;
  /** Whether tables are looked for; else the text alone is wanted, which is quicker. */
  readonly forTables: boolean;
}

export interface ReadContent extends PageContent {
  readonly isRecognized: boolean;
  /** Degrees by which its picture was turned clockwise, beside `turn`, so that its lines lie level. */
  readonly lean: number;
}

const nothingDrawn: PdfDrawing = { lines: [], fills: [], pictures: [] };

/** More than any page that is a page; more would take long to compare. */
const wordsMax = 60_000;
/** A page may be a scan where pictures cover so much of it. */
const pictureMin = 0.3;

export async function pdfContent(page: PdfPage, reader: PageReader): Promise<ReadContent> {
  const { width, height } = page;
  const glyphs = reader.forTables ? page.glyphs() : page.runs();
  const turn = uprightTurn(glyphs);
  const words = readWords(glyphs, turn, page);
  refuseMany(words.length);
  const drawn = reader.forTables || words.length === 0 ? page.drawing() : nothingDrawn;
  const isPicture = drawn.pictures.reduce((sum, [, , across, down]) => sum + across * down, 0) >= pictureMin * width * height;
  const image = isPicture && (reader.forTables || words.length === 0) ? pdfPageImage(page) : null;
  if (words.length === 0 && image !== null) return recognized(image, reader, width / image.width);
  const drawing = image === null ? drawn : await withPictureLines(drawn, image, width / image.width);
  return { words, drawing, turn, width, height, lean: 0, isRecognized: false };
}

/** The lines of a table may be part of a picture though its text is none, as in scans that were made searchable. */
async function withPictureLines(drawn: PdfDrawing, image: PageImage, scale: number): Promise<PdfDrawing> {
  const areas = drawn.pictures.map(([x, y, width, height]) => ({ left: x, top: y, right: x + width, bottom: y + height }));
  const lines = drawnLines(await pixelLines(await image.pixels()), scale).filter(({ from, to }) =>
    areas.some((area) => isWithin({ left: from[0], top: from[1], right: to[0], bottom: to[1] }, area)),
  );
  return { ...drawn, lines: [...drawn.lines, ...lines] };
}

/** `scale`: points to a pixel. */
export async function recognized(given: PageImage, reader: PageReader, scale: number): Promise<ReadContent> {
  const { image, degrees, lines } = reader.forTables ? await withoutRules(given) : { image: given, degrees: 0, lines: [] };
  const read = await readPage(image, { ...reader, rotate: true, deskew: degrees === 0 });
  const words = recognizedWords(read.lines, scale);
  refuseMany(words.length);
  return {
    words,
    drawing: { ...nothingDrawn, lines: drawnLines(lines, scale) },
    turn: read.rotation,
    width: image.width * scale,
    height: image.height * scale,
    lean: degrees,
    isRecognized: true,
  };
}

/** More lines are a picture. */
const linesMax = 1_500;

/** A page that lies level, its lines taken out of the picture: cells between lines are read badly. */
async function withoutRules(given: PageImage): Promise<{ image: PageImage; degrees: number; lines: readonly PixelLine[] }> {
  const { image, degrees } = await levelled(given);
  const lines = await pixelLines(await image.pixels());
  if (lines.length === 0 || lines.length > linesMax) return { image, degrees, lines: [] };
  const pixels = once(async () => withoutLines(await image.pixels(), lines));
  return { image: { ...image, file: null, colourless: null, pixels }, degrees, lines };
}

function drawnLines(lines: readonly PixelLine[], scale: number): PdfDrawing['lines'] {
  return lines.map(({ isLying, at, from, to }) => {
    const [place, begin, end] = [at * scale, from * scale, to * scale];
    return isLying ? { from: [begin, place], to: [end, place] } : { from: [place, begin], to: [place, end] };
  });
}

function refuseMany(count: number): void {
  if (count <= wordsMax) return;
  throw new ServiceError('media-limits-exceeded', `A page has ${count} words; the limit is ${wordsMax}. Split it.`);
}

/** Drawn lines are taken for these. */
const lineSigns = /^[|¦_[\]{}—]+$/;

/** Lines are as high as their letters reach: of those without high or low letters, the usual height tells more. */
function recognizedWords(lines: readonly ReadLine[], scale: number): Word[] {
  const usual = median(lines.map(({ box: [, , , height] }) => height)) * scale;
  return lines.flatMap(({ box: [, y, , height], words }) => {
    const size = Math.max(0.75 * usual, Math.min(height * scale, 1.5 * usual)) / (ascent + descent);
    const baseline = (y + height) * scale - descent * size;
    return words
      .filter(({ text }) => !lineSigns.test(text))
      .map(
        ({ text, confidence, box: [left, , width] }): Word => ({
          text,
          confidence,
          left: left * scale,
          right: (left + width) * scale,
          top: baseline - ascent * size,
          bottom: baseline + descent * size,
          baseline,
          size,
          isTurned: false,
        }),
      );
  });
}
