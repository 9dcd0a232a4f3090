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
    const scratch = pdfium.allocate(scratchBytes);
    const read: Reading = { pdfium, textPage, scratch, geometry, texts: new Map() };
    const characters: PdfCharacter[] = [];
    let style: Style | null = null;
    for (let at = 0; at < count; at += 1) {
      const code = codePoint(read, at, count);
      if (code > 0xffff && isHighSurrogate(pdfium.call.FPDFText_GetUnicode(textPage, at))) at += 1;
      const text = textOf(read, code, at);
      if (text === '') continue;
      const own = styleAt(read, text, at, style);
      style = own ?? style;
      characters.push(own === null ? unplaced(text, sizeAt(pdfium, textPage, at)) : placed(read, text, at, own));
    }
    pdfium.call.free(scratch);
    return characters;
  });
}

function unplaced(text: string, fontSize: number): PdfCharacter {
  return { text, box: null, room: null, origin: null, fontSize, angle: 0 };
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
  /** Bytes for what is given back by address, each answer in its own place, so that all of a character are fetched at once. */
  readonly scratch: number;
  readonly geometry: PageGeometry;
  /** Texts of the code points that were seen. */
  readonly texts: Map<number, string>;
}

/** Where in `scratch` the answers lie: a matrix of floats, a box of doubles, a rectangle of floats, a point of doubles. */
const [matrixAt, inkAt, roomAt, originAt, scratchBytes] = [0, 24, 56, 72, 88];

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

function textOf({ pdfium: { call }, textPage, texts }: Reading, code: number, at: number): string {
  // A glyph whose meaning is unknown is something all the same, unlike the zeros that stand for nothing.
  if (code === 0) return call.FPDFText_HasUnicodeMapError(textPage, at) === 1 ? '\ufffd' : '';
  const known = texts.get(code);
  if (known !== undefined) return known;
  // A line end is two characters; the other one is kept.
  const text = code === carriageReturn ? '' : cleanText(String.fromCodePoint(code));
  texts.set(code, text);
  return text;
}

const carriageReturn = 0x0d;
const hyphen = 0x2d;

/** What all characters share that were written in one go. */
interface Style {
  /** The object of the PDF that they belong to. */
  readonly object: number;
  readonly fontSize: number;
  readonly angle: number;
}

/** `before`: of the character before this one. Null for what PDFium concludes from gaps: spaces and line ends. */
function styleAt(
  { pdfium, textPage, scratch, geometry }: Reading,
  text: string,
  at: number,
  before: Style | null,
): Style | null {
  const { call } = pdfium;
  if (text.trim() === '' && call.FPDFText_IsGenerated(textPage, at) === 1) return null;
  const object = call.FPDFText_GetTextObject(textPage, at);
  if (before?.object === object) return before;
  if (call.FPDFText_GetMatrix(textPage, at, scratch + matrixAt) === 0) return null;
  const view = pdfium.view();
  const [a, b] = [view.getFloat32(scratch, true), view.getFloat32(scratch + 4, true)];
  const [c, d] = [view.getFloat32(scratch + 8, true), view.getFloat32(scratch + 12, true)];
  const turned = geometry.rotation - (Math.atan2(b, a) * 180) / Math.PI;
  const angle = Math.round(((turned % 360) + 360) % 360) % 360;
  return { object, fontSize: sizeAt(pdfium, textPage, at) * Math.hypot(c, d), angle };
}

function sizeAt({ call }: Pdfium, textPage: number, at: number): number {
  const size = call.FPDFText_GetFontSize(textPage, at);
  return Number.isFinite(size) ? size : 0;
}

function placed({ pdfium, textPage, scratch, geometry }: Reading, text: string, at: number, style: Style): PdfCharacter {
  const { call } = pdfium;
  const [ink, origin] = [scratch + inkAt, scratch + originAt];
  const hasInk = call.FPDFText_GetCharBox(textPage, at, ink, ink + 8, ink + 16, ink + 24) === 1;
  call.FPDFText_GetLooseCharBox(textPage, at, scratch + roomAt);
  call.FPDFText_GetCharOrigin(textPage, at, origin, origin + 8);
  const view = pdfium.view();
  const room = geometry.upright(readRectangle(view, scratch + roomAt));
  const box = hasInk ? inkOf(view, ink, geometry) : null;
  const x = view.getFloat64(origin, true);
  const y = view.getFloat64(origin + 8, true);
  const point = geometry.upright({ left: x, right: x, bottom: y, top: y });
  return { text, box: box ?? room, room, origin: [point[0], point[1]], fontSize: style.fontSize, angle: style.angle };
}

function inkOf(view: DataView, address: number, geometry: PageGeometry): Box | null {
  const [left, right] = [view.getFloat64(address, true), view.getFloat64(address + 8, true)];
  const [bottom, top] = [view.getFloat64(address + 16, true), view.getFloat64(address + 24, true)];
  return right > left && top > bottom ? geometry.upright({ left, right, bottom, top }) : null;
}
