import { cleanText } from './clean-text.ts';
import { type GlyphlessFont, glyphWidth } from './glyphless-font.ts';

// Invisible words for a page, as content of a PDF.

export interface TextLayer {
  /** Of the page; the first is 0. */
  readonly index: number;
  /** Pixels of the upright page image that the boxes are in. */
  readonly width: number;
  readonly height: number;
  readonly lines: readonly TextLine[];
  /** Clockwise degrees (a multiple of 90) by which the image of the page was turned to be upright: the text runs in that direction. */
  readonly rotation: number;
}

export interface TextLine {
  readonly words: readonly TextWord[];
}

export interface TextWord {
  readonly text: string;
  /** x, y, width and height, from the top left. */
  readonly box: readonly [number, number, number, number];
}

/** The content that writes the words onto a page of this size in points; `/F` is the font. */
export function textContent(layer: TextLayer, page: { width: number; height: number }, font: GlyphlessFont): string {
  const lines = layer.lines.map((line) => lineContent(readableWords(line), layer.height, font));
  // 3 Tr: neither filled nor stroked.
  return `q ${matrixOf(layer, page).map(spell).join(' ')} cm BT 3 Tr\n${lines.join('')}ET Q\n`;
}

/** As numbers stand in content: without exponents. */
export function spell(number: number): string {
  return Number.isFinite(number) ? String(Number(number.toFixed(5))) : '0';
}

/** From pixels of the upright image, counted from its bottom left, to points of the page. */
function matrixOf({ width, height, rotation }: TextLayer, page: { width: number; height: number }): number[] {
  const turns = ((Math.round(rotation / 90) % 4) + 4) % 4;
  const isLying = turns % 2 === 1;
  const across = page.width / (isLying ? height : width);
  const down = page.height / (isLying ? width : height);
  if (turns === 1) return [0, down, -across, 0, page.width, 0];
  if (turns === 2) return [-across, 0, 0, -down, page.width, page.height];
  if (turns === 3) return [0, -down, across, 0, 0, page.height];
  return [across, 0, 0, down, 0, 0];
}

function readableWords({ words }: TextLine): TextWord[] {
  const readable = words.map(({ text, box }) => ({ text: cleanText(text).replace(/\s+/g, ' ').trim(), box }));
  const some = readable.filter(({ text, box }) => text !== '' && box.every(Number.isFinite));
  // PDFs hold text in the order in which it is seen from left to right; whoever reads it turns it around.
  if (!some.some(({ text }) => rightToLeft.test(text))) return some;
  return some
    .map(({ text, box }) => ({ text: rightToLeft.test(text) ? [...text].reverse().join('') : text, box }))
    .sort((a, b) => a.box[0] - b.box[0]);
}

const rightToLeft = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}]/u;

/** All words of a line have one size and stand on one line, so that readers take them for one. */
function lineContent(words: readonly TextWord[], pageHeight: number, font: GlyphlessFont): string {
  const size = Math.max(median(words.map(({ box }) => box[3])), 1);
  const baseline = baselineOf(words, size);
  return words
    .map((word, at) => {
      const [x, , width] = word.box;
      const start = `/F ${spell(size)} Tf 1 0 0 1 ${spell(x)} ${spell(pageHeight - baseline(word))} Tm`;
      return `${start} ${show(word.text, width, size, font)}${gap(word, words[at + 1], size, font)}\n`;
    })
    .join('');
}

/** Text that is stretched to a width. */
function show(text: string, width: number, size: number, font: GlyphlessFont): string {
  const natural = [...text].length * glyphWidth * size;
  return `${spell((100 * Math.max(width, 0.1)) / natural)} Tz ${font.encode(text)} Tj`;
}

/** A space that reaches to the next word, so that it need not be guessed. Chinese and Japanese are written without. */
function gap(word: TextWord, next: TextWord | undefined, size: number, font: GlyphlessFont): string {
  if (next === undefined || (endsUnspaced.test(word.text) && startsUnspaced.test(next.text))) return '';
  const width = next.box[0] - word.box[0] - word.box[2];
  return ` ${show(' ', Math.min(Math.max(width, 0.1), gapWidthsMax * size), size, font)}`;
}

/** A wider gap is one between columns. */
const gapWidthsMax = 2;

const endsUnspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303f\uff00-\uffef]$/u;
const startsUnspaced = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303f\uff00-\uffef]/u;

/**
 * Where a word stands: on the line through the feet of all words (by the median of the slopes between them, which a few letters
 * that reach below do not move), or on its own where it is far from that.
 */
function baselineOf(words: readonly TextWord[], size: number): (word: TextWord) => number {
  const feet = words.map(({ box: [x, y, width, height] }) => ({ x: x + width / 2, y: y + height }));
  const slope = words.length < 3 ? 0 : median(slopesBetween(feet));
  const height = median(feet.map(({ x, y }) => y - slope * x));
  return ({ box: [x, y, width, own] }) => {
    const common = height + slope * (x + width / 2);
    return Math.abs(common - y - own) <= size / 2 ? common : y + own;
  };
}

/** Of each to the one half a line further. */
function slopesBetween(feet: readonly { x: number; y: number }[]): number[] {
  const half = Math.ceil(feet.length / 2);
  return feet.slice(half).flatMap((far, at) => {
    const near = feet[at];
    return near === undefined || far.x === near.x ? [] : [(far.y - near.y) / (far.x - near.x)];
  });
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
