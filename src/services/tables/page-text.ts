import { ServiceError } from '../../core/errors.ts';
import type { OcrEngine, ReadLine } from '../../media/ocr-engine.ts';
import type { PageImage } from '../../media/page-image.ts';
import type { PdfDrawing, PdfPage } from '../../media/pdf.ts';
import { pdfPageImage } from '../../media/pdf-page-image.ts';
import { readPage } from '../../media/read-page.ts';
import type { PageContent } from './find-tables.ts';
import { median } from './frame.ts';
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
}

const nothingDrawn: PdfDrawing = { lines: [], fills: [], pictures: [] };

/** More than any page that is a page; more would take long to compare. */
const wordsMax = 60_000;
/** A page without text is a scan where pictures cover so much of it. */
const scanMin = 0.3;

export async function pdfContent(page: PdfPage, reader: PageReader): Promise<ReadContent> {
  const { width, height } = page;
  const glyphs = reader.forTables ? page.glyphs() : page.runs();
  const turn = uprightTurn(glyphs);
  const words = readWords(glyphs, turn, page);
  refuseMany(words.length);
  const drawing = reader.forTables || words.length === 0 ? page.drawing() : nothingDrawn;
  const covered = drawing.pictures.reduce((sum, [, , across, down]) => sum + across * down, 0);
  if (words.length > 0 || covered < scanMin * width * height) return { words, drawing, turn, width, height, isRecognized: false };
  const image = pdfPageImage(page);
  return recognized(image, reader, width / image.width);
}

/** `scale`: points to a pixel. */
export async function recognized(image: PageImage, reader: PageReader, scale: number): Promise<ReadContent> {
  const read = await readPage(image, { ...reader, rotate: true, deskew: true });
  const words = recognizedWords(read.lines, scale);
  refuseMany(words.length);
  return {
    words,
    drawing: nothingDrawn,
    turn: read.rotation,
    width: image.width * scale,
    height: image.height * scale,
    isRecognized: true,
  };
}

function refuseMany(count: number): void {
  if (count <= wordsMax) return;
  throw new ServiceError('media-limits-exceeded', `A page has ${count} words; the limit is ${wordsMax}. Split it.`);
}

/** Lines are as high as their letters reach: of those without high or low letters, the usual height tells more. */
function recognizedWords(lines: readonly ReadLine[], scale: number): Word[] {
  const usual = median(lines.map(({ box: [, , , height] }) => height)) * scale;
  return lines.flatMap(({ box: [, y, , height], words }) => {
    const size = Math.max(0.75 * usual, Math.min(height * scale, 1.5 * usual)) / (ascent + descent);
    const baseline = (y + height) * scale - descent * size;
    return words.map(
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
