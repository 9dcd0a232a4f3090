import type { PageImage } from '../../media/page-image.ts';
import type { PdfDrawing, PdfPage } from '../../media/pdf.ts';
import { pdfPageImage } from '../../media/pdf-page-image.ts';
import { isWithin } from './frame.ts';
import { type PageReader, type ReadContent, refuseMany } from './page-content.ts';
import { nothingDrawn, pictureDrawing } from './picture-drawing.ts';
import { recognizedContent } from './recognized-content.ts';
import { readWords, uprightTurn } from './words.ts';

/** A page may be a scan where pictures cover so much of it. */
const pictureMin = 0.3;

/** What is on a page of a PDF; where it has no text, what is read from its picture. */
export async function pdfContent(page: PdfPage, reader: PageReader): Promise<ReadContent> {
  const { width, height } = page;
  const glyphs = reader.forTables ? page.glyphs() : page.runs();
  const turn = uprightTurn(glyphs);
  const words = readWords(glyphs, turn, page);
  refuseMany(words);
  const drawn = reader.forTables || words.length === 0 ? page.drawing() : nothingDrawn;
  const isPicture = drawn.pictures.reduce((sum, [, , across, down]) => sum + across * down, 0) >= pictureMin * width * height;
  const image = isPicture && (reader.forTables || words.length === 0) ? pdfPageImage(page) : null;
  if (words.length === 0 && image !== null) return recognizedContent(image, reader, width / image.width);
  const drawing = image === null ? drawn : await withPictures(drawn, image, width / image.width);
  return { words, drawing, turn, width, height, lean: 0, isRecognized: false };
}

/** The lines of a table may be part of a picture though its text is none, as in scans that were made searchable. */
async function withPictures(drawn: PdfDrawing, image: PageImage, scale: number): Promise<PdfDrawing> {
  const areas = drawn.pictures.map(([x, y, width, height]) => ({ left: x, top: y, right: x + width, bottom: y + height }));
  const { drawing } = await pictureDrawing(image, scale);
  const isInPicture = ([left, top]: readonly number[], [right, bottom]: readonly number[]) =>
    areas.some((area) => isWithin({ left: left ?? 0, top: top ?? 0, right: right ?? 0, bottom: bottom ?? 0 }, area));
  const lines = drawing.lines.filter(({ from, to }) => isInPicture(from, to));
  return { ...drawn, lines: [...drawn.lines, ...lines] };
}
