import { ServiceError } from '../core/errors.ts';
import { cleanText } from './clean-text.ts';
import { type Box, type PageGeometry, readRectangle } from './pdf-geometry.ts';
import type { Pdfium } from './pdfium-module.ts';

// The text that a page has, as characters with boxes or as a whole.

/** More than any page that was made to be read. */
const charactersMax = 1_000_000;

export interface PdfCharacter {
  /** One code point; `\ufffd` where the PDF does not tell what its glyph means. */
  readonly text: string;
  /** What the glyph covers, or, where that is nothing (a space), the room that it takes. Null for spaces and line ends that PDFium concludes from gaps. */
  readonly box: Box | null;
  /** The room that the glyph takes in its line, with the white around it. Null where `box` is. */
  readonly room: Box | null;
  /** Where the glyph stands on its base line. Null where `box` is. */
  readonly origin: readonly [x: number, y: number] | null;
  /** In points, as it is shown. */
  readonly fontSize: number;
  /** Clockwise degrees by which the character is turned on the upright page, from 0 to below 360. */
  readonly angle: number;
}

/** The characters of a page in the order of its content. */
export function readCharacters(pdfium: Pdfium, page: number, geometry: PageGeometry): PdfCharacter[] {
  return withTextPage(pdfium, page, (textPage, count) => {
    const scratch = pdfium.allocate(32);
    const read = { pdfium, textPage, scratch, geometry };
    const characters: PdfCharacter[] = [];
    for (let at = 0; at < count; at += 1) {
      const code = codePoint(read, at, count);
      if (code > 0xffff && isHighSurrogate(pdfium.call.FPDFText_GetUnicode(textPage, at))) at += 1;
      const text = textOf(read, code, at);
      if (text !== '') characters.push({ text, ...place(read, at) });
    }
    pdfium.call.free(scratch);
    return characters;
  });
}

/** The text of a page, lines by `\n`. */
export function readText(pdfium: Pdfium, page: number): string {
  return withTextPage(pdfium, page, (textPage, count) => {
    const buffer = pdfium.allocate(2 * count + 2);
    const written = pdfium.call.FPDFText_GetText(textPage, 0, count, buffer);
    const text = Buffer.from(pdfium.bytes().subarray(buffer, buffer + 2 * Math.max(written - 1, 0))).toString('utf16le');
    pdfium.call.free(buffer);
    return cleanText(text);
  });
}

function withTextPage<T>(pdfium: Pdfium, page: number, read: (textPage: number, count: number) => T): T {
  const textPage = pdfium.call.FPDFText_LoadPage(page);
  if (textPage === 0) throw new ServiceError('unprocessable-media', 'The text of a page of the PDF cannot be read.');
  const count = pdfium.call.FPDFText_CountChars(textPage);
  try {
    if (count <= charactersMax) return read(textPage, Math.max(count, 0));
  } finally {
    if (!pdfium.isBroken) pdfium.call.FPDFText_ClosePage(textPage);
  }
  throw new ServiceError(
    'media-limits-exceeded',
    `A page of the PDF has ${count} characters; the limit is ${charactersMax}. Split it.`,
  );
}

interface Reading {
  readonly pdfium: Pdfium;
  readonly textPage: number;
  /** 32 bytes for what is given back by address. */
  readonly scratch: number;
  readonly geometry: PageGeometry;
}

function codePoint({ pdfium: { call }, textPage }: Reading, at: number, count: number): number {
  const code = call.FPDFText_GetUnicode(textPage, at) >>> 0;
  if (code > 0x10ffff) return 0;
  if (code === 2 && call.FPDFText_IsHyphen(textPage, at) === 1) return hyphen;
  if (!isHighSurrogate(code) || at + 1 === count) return code;
  const low = call.FPDFText_GetUnicode(textPage, at + 1);
  return low >= 0xdc00 && low <= 0xdfff ? 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00) : code;
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}

function textOf({ pdfium: { call }, textPage }: Reading, code: number, at: number): string {
  // A glyph whose meaning is unknown is something all the same, unlike the zeros that stand for nothing.
  if (code === 0) return call.FPDFText_HasUnicodeMapError(textPage, at) === 1 ? '\ufffd' : '';
  // A line end is two characters; the other one is kept.
  return code === carriageReturn ? '' : cleanText(String.fromCodePoint(code));
}

const carriageReturn = 0x0d;
const hyphen = 0x2d;

function place(read: Reading, at: number): Omit<PdfCharacter, 'text'> {
  const { pdfium, textPage, scratch, geometry } = read;
  const { FPDFText_GetFontSize, FPDFText_GetMatrix, FPDFText_IsGenerated } = pdfium.call;
  const size = readNumber(FPDFText_GetFontSize(textPage, at));
  if (FPDFText_IsGenerated(textPage, at) === 1 || FPDFText_GetMatrix(textPage, at, scratch) === 0)
    return { box: null, room: null, origin: null, fontSize: size, angle: 0 };
  const view = pdfium.view();
  const [a, b] = [view.getFloat32(scratch, true), view.getFloat32(scratch + 4, true)];
  const [c, d] = [view.getFloat32(scratch + 8, true), view.getFloat32(scratch + 12, true)];
  const turned = geometry.rotation - (Math.atan2(b, a) * 180) / Math.PI;
  const angle = Math.round(((turned % 360) + 360) % 360) % 360;
  const room = roomOf(read, at);
  return { box: inkOf(read, at) ?? room, room, origin: originOf(read, at), fontSize: size * Math.hypot(c, d), angle };
}

function inkOf({ pdfium, textPage, scratch, geometry }: Reading, at: number): Box | null {
  const { FPDFText_GetCharBox } = pdfium.call;
  if (FPDFText_GetCharBox(textPage, at, scratch, scratch + 8, scratch + 16, scratch + 24) !== 1) return null;
  const view = pdfium.view();
  const [left, right] = [view.getFloat64(scratch, true), view.getFloat64(scratch + 8, true)];
  const [bottom, top] = [view.getFloat64(scratch + 16, true), view.getFloat64(scratch + 24, true)];
  return right > left && top > bottom ? geometry.upright({ left, right, bottom, top }) : null;
}

function roomOf({ pdfium, textPage, scratch, geometry }: Reading, at: number): Box {
  pdfium.call.FPDFText_GetLooseCharBox(textPage, at, scratch);
  return geometry.upright(readRectangle(pdfium, scratch));
}

function originOf({ pdfium, textPage, scratch, geometry }: Reading, at: number): readonly [number, number] {
  pdfium.call.FPDFText_GetCharOrigin(textPage, at, scratch, scratch + 8);
  const view = pdfium.view();
  const [x, y] = [view.getFloat64(scratch, true), view.getFloat64(scratch + 8, true)];
  const [across, down] = geometry.upright({ left: x, right: x, bottom: y, top: y });
  return [across, down];
}

function readNumber(value: number): number {
  return Number.isFinite(value) ? value : 0;
}
