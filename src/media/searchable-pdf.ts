import { closeSync, openSync, writeSync } from 'node:fs';
import { deflateSync } from 'node:zlib';
import { ServiceError } from '../core/errors.ts';
import { type GlyphlessFont, glyphlessFont } from './glyphless-font.ts';
import { type OpenDocument, openDocument } from './pdf.ts';
import { type Matrix, readGeometry } from './pdf-geometry.ts';
import { imageStream, type PdfPicture } from './pdf-picture.ts';
import { type PdfObject, type PdfWriter, pdfWriter, ref } from './pdf-writer.ts';
import type { Pdfium } from './pdfium-module.ts';
import { spell, type TextLayer, textContent } from './text-layer.ts';

// PDFs with invisible text over what is seen, so that it can be searched and copied.

export type { TextLayer };

/**
 * Writes a copy of a PDF whose pages stay as they are, with the words over them. Encrypted ones stay encrypted. Throws what
 * `openPdf` throws.
 */
export async function addText(
  source: { path: string; password?: string },
  pages: readonly TextLayer[],
  target: string,
): Promise<void> {
  const document = await openDocument(source.path, source.password === undefined ? {} : { password: source.password });
  try {
    document.pdfium.run(() => {
      const written = pages.filter(({ lines }) => lines.length > 0);
      if (written.length > 0) putOnPages(document, written);
    });
    saveCopy(document, target);
  } finally {
    document.close();
  }
}

/** A page that shows one picture. Its size is that of the picture at `dpi`; it is turned upright as its layer says. */
export type PicturePage = TextLayer & { readonly picture: PdfPicture; readonly dpi: number };

/** Writes a PDF that shows one picture a page with the words over it. JPEGs are embedded as they are, others without loss. */
export async function pictureToPdf(pages: readonly PicturePage[], target: string): Promise<void> {
  const file = openSync(target, 'w');
  try {
    const writer = pdfWriter((bytes) => writeAll(file, bytes));
    const font = glyphlessFont();
    const fontObject = writer.reserve();
    const written: PdfObject[] = [];
    for (const page of pages) written.push(await writePicturePage(writer, page, font, fontObject));
    font.write(writer, fontObject);
    writer.finish(written);
  } finally {
    closeSync(file);
  }
}

async function writePicturePage(writer: PdfWriter, page: PicturePage, font: GlyphlessFont, fontObject: PdfObject) {
  const image = await imageStream(page.picture);
  const imageObject = writer.reserve();
  writer.writeStream(imageObject, image.entries, image.bytes);
  const orientation = 'jpeg' in page.picture ? (page.picture.orientation ?? 1) : 1;
  const turn = uprightTurn(orientation, page.rotation);
  const size = pageSize(turn.isLying ? { width: image.height, height: image.width } : image, page.dpi);
  const matrix = turn.matrix.map((part, at) => spell(part * (at % 2 === 0 ? size.width : size.height)));
  // The page is upright, so the text on it is.
  const text = textContent({ ...page, rotation: 0 }, size, font);
  const resources = `/Font << /F ${ref(fontObject)} >> /XObject << /I ${ref(imageObject)} >>`;
  return writePage(writer, size, resources, `q ${matrix.join(' ')} cm /I Do Q\n${text}`);
}

function writePage(writer: PdfWriter, size: { width: number; height: number }, resources: string, content: string): PdfObject {
  const [page, stream] = [writer.reserve(), writer.reserve()];
  writer.writeStream(stream, '/Filter /FlateDecode', deflateSync(Buffer.from(content, 'latin1')));
  const box = `/MediaBox [0 0 ${spell(size.width)} ${spell(size.height)}]`;
  const parent = ref(writer.pageTree);
  writer.write(page, `<< /Type /Page /Parent ${parent} ${box} /Resources << ${resources} >> /Contents ${ref(stream)} >>`);
  return page;
}

/** The sides that a page may have, in points (ISO 32000-1, annex C). */
const [pageSideMin, pageSideMax] = [3, 14_400];

function pageSize({ width, height }: { width: number; height: number }, dpi: number): { width: number; height: number } {
  const points = Math.min(72 / dpi, pageSideMax / Math.max(width, height));
  return { width: Math.max(width * points, pageSideMin), height: Math.max(height * points, pageSideMin) };
}

/** A picture as a square from 0 to 1, y pointing up: what turns and mirrors it. */
type Turn = (point: readonly [number, number]) => readonly [number, number];

const clockwise: Turn = ([x, y]) => [y, 1 - x];
const mirrored: Turn = ([x, y]) => [1 - x, y];

/** What each EXIF orientation asks for: whether to mirror it, then how many turns clockwise. */
const orientations: Readonly<Record<number, readonly [isMirrored: boolean, turns: number]>> = {
  2: [true, 0],
  3: [false, 2],
  4: [true, 2],
  5: [true, 3],
  6: [false, 1],
  7: [true, 1],
  8: [false, 3],
};

/** How the stored pixels come to be upright. The matrix is for a page of 1 by 1. */
function uprightTurn(orientation: number, rotation: number): { matrix: Matrix; isLying: boolean } {
  const [isMirrored, own] = orientations[orientation] ?? [false, 0];
  const turns = (own + (((Math.round(rotation / 90) % 4) + 4) % 4)) % 4;
  const steps = [...(isMirrored ? [mirrored] : []), ...Array.from({ length: turns }, () => clockwise)];
  const move: Turn = (point) => steps.reduce((moved, step) => step(moved), point);
  const [origin, right, up] = [move([0, 0]), move([1, 0]), move([0, 1])];
  const matrix = [right[0] - origin[0], right[1] - origin[1], up[0] - origin[0], up[1] - origin[1], ...origin] as const;
  return { matrix, isLying: turns % 2 === 1 };
}

/** Each layer becomes the page of a PDF of our own, which is put onto the page of the document as one object. */
function putOnPages({ pdfium, handle, pageCount }: OpenDocument, layers: readonly TextLayer[]): void {
  const opened = layers.map((layer) => {
    const page = layer.index < pageCount ? pdfium.call.FPDF_LoadPage(handle, layer.index) : 0;
    if (page === 0) throw new ServiceError('unprocessable-media', `Page ${layer.index + 1} of the PDF is damaged or missing.`);
    const geometry = readGeometry(pdfium, page);
    pdfium.call.FPDF_ClosePage(page);
    return { layer, geometry };
  });
  const words = layersPdf(opened.map(({ layer, geometry }) => ({ layer, size: geometry })));
  const address = pdfium.allocate(words.length);
  pdfium.bytes().set(words, address);
  const wordsDocument = pdfium.call.FPDF_LoadMemDocument(address, words.length, 0);
  if (wordsDocument === 0) throw new Error('PDFium does not read our own PDF');
  for (const [at, { layer, geometry }] of opened.entries())
    putOnPage(pdfium, handle, layer.index, wordsDocument, at, geometry.fromUpright);
  pdfium.call.FPDF_CloseDocument(wordsDocument);
  pdfium.call.free(address);
}

function layersPdf(layers: readonly { layer: TextLayer; size: { width: number; height: number } }[]): Buffer {
  const chunks: Uint8Array[] = [];
  const writer = pdfWriter((bytes) => chunks.push(bytes));
  const font = glyphlessFont();
  const fontObject = writer.reserve();
  const resources = `/Font << /F ${ref(fontObject)} >>`;
  const pages = layers.map(({ layer, size }) => writePage(writer, size, resources, textContent(layer, size, font)));
  font.write(writer, fontObject);
  writer.finish(pages);
  return Buffer.concat(chunks);
}

function putOnPage(pdfium: Pdfium, document: number, index: number, words: number, wordsIndex: number, matrix: Matrix): void {
  const { call } = pdfium;
  const page = call.FPDF_LoadPage(document, index);
  const form = call.FPDF_NewXObjectFromPage(document, words, wordsIndex);
  const object = call.FPDF_NewFormObjectFromXObject(form);
  const numbers = pdfium.allocate(24);
  for (const [at, number] of matrix.entries()) pdfium.view().setFloat32(numbers + 4 * at, number, true);
  call.FPDFPageObj_TransformF(object, numbers);
  call.free(numbers);
  call.FPDFPage_InsertObject(page, object);
  const isDone = call.FPDFPage_GenerateContent(page) === 1;
  call.FPDF_CloseXObject(form);
  call.FPDF_ClosePage(page);
  if (!isDone)
    throw new ServiceError('unprocessable-media', `No text can be added to page ${index + 1} of the PDF. Save it again.`);
}

/** The flag to append what is new to the old bytes would leave out the pages that were changed. */
const rewriteAll = 0;

/** An `FPDF_FILEWRITE` of version 1: the version, then the function that takes what is written. */
const fileWriteBytes = 8;

function saveCopy({ pdfium, handle }: OpenDocument, target: string): void {
  const file = openSync(target, 'w');
  let failure: unknown;
  // An error must not pass through C.
  const take = (_self: number, address: number, bytes: number) => {
    try {
      writeAll(file, pdfium.bytes().subarray(address, address + bytes));
      return 1;
    } catch (error) {
      failure = error;
      return 0;
    }
  };
  try {
    const isSaved = pdfium.runWithCallback(take, () => {
      const fileWrite = pdfium.allocate(fileWriteBytes);
      pdfium.view().setInt32(fileWrite, 1, true);
      const saved = pdfium.call.FPDF_SaveAsCopy(handle, fileWrite, rewriteAll);
      pdfium.call.free(fileWrite);
      return saved === 1;
    });
    if (failure !== undefined) throw failure;
    if (!isSaved) throw new ServiceError('unprocessable-media', 'The PDF cannot be written again: parts of it are damaged.');
  } finally {
    closeSync(file);
  }
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}
