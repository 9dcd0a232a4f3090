import { ServiceError } from '../core/errors.ts';
import { cleanText } from './clean-text.ts';
import { isBlank } from './is-blank.ts';
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
  /** In points, as it is shown. */
  readonly fontSize: number;
  /** Clockwise degrees by which the character is turned on the upright page, from 0 to below 360. */
  readonly angle: number;
}

/** Characters as those need them who put them together: pages have thousands, so that they are made of numbers alone. */
export interface PdfGlyph {
  /** One code point, as in `PdfCharacter`; of `readRuns` all between two spaces. */
  readonly text: string;
  /** Null for spaces and line ends that PDFium concludes from gaps: they stand nowhere. */
  readonly style: PdfStyle | null;
  /** The room that it takes in its line, with the white around it, in points of the upright page. */
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  /** Where it stands on its base line. */
  readonly x: number;
  readonly y: number;
}

/** What all characters share that were written in one go. */
export interface PdfStyle {
  readonly fontSize: number;
  readonly angle: number;
}

/** The characters of a page in the order of its content. */
export function readCharacters(pdfium: Pdfium, page: number, geometry: PageGeometry): PdfCharacter[] {
  return withTextPage(pdfium, page, geometry, (read) => {
    const characters: PdfCharacter[] = [];
    let style: Style | null = null;
    eachText(read, (text, at) => {
      const own = styleAt(read, text, at, style);
      style = own ?? style;
      if (own === null) characters.push({ text, box: null, fontSize: sizeAt(read, at), angle: 0 });
      else characters.push({ text, box: boxAt(read, at), fontSize: own.fontSize, angle: own.angle });
    });
    return characters;
  });
}

export function readGlyphs(pdfium: Pdfium, page: number, geometry: PageGeometry): PdfGlyph[] {
  return withTextPage(pdfium, page, geometry, (read) => {
    const glyphs: PdfGlyph[] = [];
    let style: Style | null = null;
    eachText(read, (text, at) => {
      const own = styleAt(read, text, at, style);
      style = own ?? style;
      glyphs.push(own === null ? { ...space, text } : glyphAt(read, text, at, own));
    });
    return glyphs;
  });
}

/**
 * The same, but what stands between two spaces is one, where it stands on one line. PDFium itself puts spaces into gaps. A page costs
 * a third of what its characters cost.
 */
export function readRuns(pdfium: Pdfium, page: number, geometry: PageGeometry): PdfGlyph[] {
  return withTextPage(pdfium, page, geometry, (read) => {
    const runs: PdfGlyph[] = [];
    const run: Run = { text: '', places: [], style: null };
    const end = () => {
      addRun(read, run, runs);
      run.text = '';
      run.places.length = 0;
    };
    eachText(read, (text, at) => {
      if (isBlank(text)) {
        end();
        runs.push(space);
      } else {
        run.text += text;
        run.places.push(at);
      }
    });
    end();
    return runs;
  });
}

interface Run {
  text: string;
  readonly places: number[];
  /** Of the characters before it: runs that were written in one go share it. */
  style: Style | null;
}

/** Dots that lead the eye stand between words without spaces; those who read such runs need each of their characters. */
const leaders = /([.\u00b7\u2026_=])\1{3}/;
/** The ends of a run are on one line where they miss it by less than this part of their size. */
const baselineSlack = 0.12;

function addRun(read: Reading, run: Run, runs: PdfGlyph[]): void {
  const { text, places } = run;
  const [from, to] = [places[0], places.at(-1)];
  if (from === undefined || to === undefined) return;
  const style = drawnStyleAt(read, from, run.style);
  if (style === null) return;
  // What belongs to no object shares nothing.
  run.style = style.object === 0 ? null : style;
  const whole = from === to ? glyphAt(read, text, from, style) : spanning(read, run, style);
  if (whole !== null) return void runs.push(whole);
  for (const [number, at] of places.entries()) {
    const own = drawnStyleAt(read, at, style);
    if (own !== null) runs.push(glyphAt(read, [...text][number] ?? '', at, own));
  }
}

/** From the first of its characters to the last; null where they are not on one line, or must be read one by one. */
function spanning(read: Reading, { text, places }: Run, style: Style): PdfGlyph | null {
  const from = places[0] ?? 0;
  const to = places.at(-1) ?? 0;
  if (style.angle !== 0 || leaders.test(text)) return null;
  const first = glyphAt(read, text, from, style);
  place(last, read, to);
  const isOneLine = Math.abs(first.y - last.y) <= baselineSlack * style.fontSize && first.left <= last.left;
  if (!isOneLine || (drawnStyleAt(read, to, style) ?? style).angle !== 0) return null;
  first.right = Math.max(first.right, last.right);
  first.top = Math.min(first.top, last.top);
  first.bottom = Math.max(first.bottom, last.bottom);
  return first;
}

/** The same object for each run: most runs need no other of their last character. */
const last: Placed = { left: 0, top: 0, right: 0, bottom: 0, x: 0, y: 0 };

/** Calls with each character that means something. */
function eachText(read: Reading, take: (text: string, at: number) => void): void {
  const { textPage, count } = read;
  const { FPDFText_GetUnicode: unicodeAt } = read.pdfium.call;
  for (let at = 0; at < count; at += 1) {
    const unit = unicodeAt(textPage, at);
    const usual = usualTexts[unit];
    if (usual !== undefined) take(usual, at);
    else {
      const code = codePoint(read, unit, at);
      if (code > 0xffff && isHighSurrogate(unit)) at += 1;
      const text = textOf(read, code, at);
      if (text !== '') take(text, at);
    }
  }
}

/** By their codes, the characters that are most of what is written: nothing is to be found out about these. */
const usualTexts = Array.from({ length: 0x7f }, (_, code) => (code < 0x20 ? undefined : String.fromCharCode(code)));

/** The text of a page, lines by `\n`. */
export function readText(pdfium: Pdfium, page: number, geometry: PageGeometry): string {
  return withTextPage(pdfium, page, geometry, ({ textPage, count }) => {
    const buffer = pdfium.allocate(2 * count + 2);
    const written = pdfium.call.FPDFText_GetText(textPage, 0, count, buffer);
    const text = Buffer.from(pdfium.bytes().subarray(buffer, buffer + 2 * Math.max(written - 1, 0))).toString('utf16le');
    pdfium.call.free(buffer);
    return cleanText(text);
  });
}

function withTextPage<T>(pdfium: Pdfium, page: number, geometry: PageGeometry, work: (read: Reading) => T): T {
  const textPage = pdfium.call.FPDFText_LoadPage(page);
  if (textPage === 0) throw new ServiceError('unprocessable-media', 'The text of a page of the PDF cannot be read.');
  const count = pdfium.call.FPDFText_CountChars(textPage);
  const scratch = pdfium.allocate(scratchBytes);
  try {
    if (count <= charactersMax) return work({ pdfium, textPage, count: Math.max(count, 0), scratch, geometry });
  } finally {
    if (!pdfium.isBroken) {
      pdfium.call.free(scratch);
      pdfium.call.FPDFText_ClosePage(textPage);
    }
  }
  throw new ServiceError(
    'media-limits-exceeded',
    `A page of the PDF has ${count} characters; the limit is ${charactersMax}. Split it.`,
  );
}

interface Reading {
  readonly pdfium: Pdfium;
  readonly textPage: number;
  /** Characters of the page. */
  readonly count: number;
  /** Bytes for what is given back by address, each answer in its own place, so that all of a character are fetched at once. */
  readonly scratch: number;
  readonly geometry: PageGeometry;
}

/** Where in `scratch` the answers lie: a matrix of floats, a box of doubles, a rectangle of floats, a point of doubles. */
const [matrixAt, inkAt, roomAt, originAt, scratchBytes] = [0, 24, 56, 72, 88];

/** `unit`: what PDFium says of the character. */
function codePoint({ pdfium: { call }, textPage, count }: Reading, unit: number, at: number): number {
  const code = unit >>> 0;
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
  const known = texts.get(code);
  if (known !== undefined) return known;
  // A line end is two characters; the other one is kept.
  const text = code === carriageReturn ? '' : cleanText(String.fromCodePoint(code));
  if (texts.size < textsMax) texts.set(code, text);
  return text;
}

/** Texts of the code points that were seen, of all documents. */
const texts = new Map<number, string>();
const textsMax = 10_000;

const carriageReturn = 0x0d;
const hyphen = 0x2d;

interface Style extends PdfStyle {
  /** The object of the PDF that the characters belong to. */
  readonly object: number;
}

/** `text`: of the character. `before`: of the one before it. Null for what PDFium concludes from gaps: spaces and line ends. */
function styleAt(read: Reading, text: string, at: number, before: Style | null): Style | null {
  if (isBlank(text) && read.pdfium.call.FPDFText_IsGenerated(read.textPage, at) === 1) return null;
  return drawnStyleAt(read, at, before);
}

function drawnStyleAt(read: Reading, at: number, before: Style | null): Style | null {
  const { pdfium, textPage, scratch, geometry } = read;
  const { call } = pdfium;
  const object = call.FPDFText_GetTextObject(textPage, at);
  if (before?.object === object) return before;
  if (call.FPDFText_GetMatrix(textPage, at, scratch + matrixAt) === 0) return null;
  const view = pdfium.view();
  const [a, b] = [view.getFloat32(scratch, true), view.getFloat32(scratch + 4, true)];
  const [c, d] = [view.getFloat32(scratch + 8, true), view.getFloat32(scratch + 12, true)];
  const turned = geometry.rotation - (Math.atan2(b, a) * 180) / Math.PI;
  const angle = Math.round(((turned % 360) + 360) % 360) % 360;
  return { object, fontSize: sizeAt(read, at) * Math.hypot(c, d), angle };
}

function sizeAt({ pdfium: { call }, textPage }: Reading, at: number): number {
  const size = call.FPDFText_GetFontSize(textPage, at);
  return Number.isFinite(size) ? size : 0;
}

function boxAt({ pdfium, textPage, scratch, geometry }: Reading, at: number): Box {
  const { call } = pdfium;
  const ink = scratch + inkAt;
  const hasInk = call.FPDFText_GetCharBox(textPage, at, ink, ink + 8, ink + 16, ink + 24) === 1;
  const box = hasInk ? inkOf(pdfium.view(), ink, geometry) : null;
  if (box !== null) return box;
  call.FPDFText_GetLooseCharBox(textPage, at, scratch + roomAt);
  return geometry.upright(readRectangle(pdfium.view(), scratch + roomAt));
}

const space: PdfGlyph = { text: ' ', style: null, left: 0, top: 0, right: 0, bottom: 0, x: 0, y: 0 };

type Placed = { -readonly [Key in 'left' | 'top' | 'right' | 'bottom' | 'x' | 'y']: PdfGlyph[Key] };
type Glyph = Placed & Pick<PdfGlyph, 'text' | 'style'>;

function glyphAt(read: Reading, text: string, at: number, style: Style): Glyph {
  const glyph = { text, style, left: 0, top: 0, right: 0, bottom: 0, x: 0, y: 0 };
  place(glyph, read, at);
  return glyph;
}

/** Says where a character stands. Done for each: without arrays and objects on the way. */
function place(glyph: Placed, { pdfium, textPage, scratch, geometry }: Reading, at: number): void {
  const room = scratch + roomAt;
  const origin = scratch + originAt;
  pdfium.call.FPDFText_GetLooseCharBox(textPage, at, room);
  pdfium.call.FPDFText_GetCharOrigin(textPage, at, origin, origin + 8);
  const view = pdfium.view();
  const matrix = geometry.toUpright;
  const a = matrix[0];
  const b = matrix[1];
  const c = matrix[2];
  const d = matrix[3];
  const e = matrix[4];
  const f = matrix[5];
  const x = view.getFloat64(origin, true);
  const y = view.getFloat64(origin + 8, true);
  const left = view.getFloat32(room, true);
  const top = view.getFloat32(room + 4, true);
  const right = view.getFloat32(room + 8, true);
  const bottom = view.getFloat32(room + 12, true);
  const fromX = a * left + c * top + e;
  const toX = a * right + c * bottom + e;
  const fromY = b * left + d * top + f;
  const toY = b * right + d * bottom + f;
  glyph.left = Math.min(fromX, toX);
  glyph.top = Math.min(fromY, toY);
  glyph.right = Math.max(fromX, toX);
  glyph.bottom = Math.max(fromY, toY);
  glyph.x = a * x + c * y + e;
  glyph.y = b * x + d * y + f;
}

function inkOf(view: DataView, address: number, geometry: PageGeometry): Box | null {
  const [left, right] = [view.getFloat64(address, true), view.getFloat64(address + 8, true)];
  const [bottom, top] = [view.getFloat64(address + 16, true), view.getFloat64(address + 24, true)];
  return right > left && top > bottom ? geometry.upright({ left, right, bottom, top }) : null;
}
