import { isBlank } from '../../media/is-blank.ts';
import type { PdfGlyph, PdfStyle } from '../../media/pdf.ts';
import { type Area, type QuarterTurn, turned, turnedBack } from './frame.ts';

// Characters to words, by where they stand: what order a PDF writes them in says little.

export interface Word extends Area {
  readonly text: string;
  /** Where the letters stand; of words that are turned, the bottom. */
  readonly baseline: number;
  /** Of the letters, in points. */
  readonly size: number;
  /** Whether it runs up or down. */
  readonly isTurned: boolean;
  /** Of recognition, 0 to 1; null for text that the PDF has. */
  readonly confidence: number | null;
}

interface Page {
  readonly width: number;
  readonly height: number;
}

interface Glyph {
  readonly text: string;
  readonly left: number;
  readonly right: number;
  readonly baseline: number;
  readonly size: number;
  /** Whether the PDF has a space before it. */
  readonly isAfterSpace: boolean;
}

/** So much of what is above and below the base line belongs to letters of size 1. */
export const ascent = 0.74;
export const descent = 0.21;

const turns = [0, 270, 180, 90] as const;

/** By how far, clockwise, the page is to be turned so that most of its text stands upright. */
export function uprightTurn(glyphs: readonly PdfGlyph[]): QuarterTurn {
  const counts = [0, 0, 0, 0];
  for (const { text, style } of glyphs)
    if (style !== null && !isBlank(text)) counts[quarterOf(style)] = (counts[quarterOf(style)] ?? 0) + 1;
  return turns[counts.indexOf(Math.max(...counts))] ?? 0;
}

/** Quarters by which text is turned, clockwise. */
function quarterOf({ angle }: PdfStyle): number {
  return Math.round(angle / 90) % 4;
}

/** The words of a page that was turned clockwise by `turn`, in lines from top to bottom. */
export function readWords(glyphs: readonly PdfGlyph[], turn: QuarterTurn, page: Page): Word[] {
  const quarters: Glyph[][] = [[], [], [], []];
  let isAfterSpace = true;
  for (const glyph of glyphs) {
    if (isBlank(glyph.text)) isAfterSpace = true;
    else if (glyph.style !== null) {
      const quarter = quarterOf(glyph.style);
      quarters[quarter]?.push(glyphOf(glyph, glyph.style, turns[quarter] ?? 0, page, isAfterSpace));
      isAfterSpace = false;
    }
  }
  const words: Word[] = [];
  for (const [quarter, same] of quarters.entries()) {
    const own = turns[quarter] ?? 0;
    for (const word of wordsOf(same)) if (word.text !== '') words.push(own === turn ? word : laid(word, own, turn, page));
  }
  return words;
}

/** In a page that was turned so that the glyph stands upright. */
function glyphOf(
  { text, left, top, right, bottom, x, y }: PdfGlyph,
  { fontSize }: PdfStyle,
  turn: QuarterTurn,
  page: Page,
  isAfterSpace: boolean,
): Glyph {
  const size = Math.max(fontSize, 1);
  if (turn === 0) return { text, left, right, baseline: y, size, isAfterSpace };
  const room = turned([left, top, right - left, bottom - top], turn, page);
  const baseline = turned([x, y, 0, 0], turn, page).top;
  return { text, left: room.left, right: room.right, baseline, size, isAfterSpace };
}

/** A word of another direction, in the frame of the page. */
function laid(word: Word, own: QuarterTurn, turn: QuarterTurn, page: Page): Word {
  const place = turned(turnedBack(word, own, page), turn, page);
  return { ...word, ...place, baseline: place.bottom, isTurned: own % 180 !== turn % 180 };
}

/** Letters that stand on base lines so near to each other, in their size, are in one line. */
const baselineSlack = 0.12;
/** A gap of so much of the size ends a word even without a space; one below the second never does. */
const wordGap = 0.22;
const spaceGapMin = 0.08;

function wordsOf(glyphs: readonly Glyph[]): Word[] {
  const words: Word[] = [];
  for (const line of linesOf(glyphs)) splitLine(withoutLeaders(withoutDoubles(line)), words);
  return words;
}

function linesOf(glyphs: readonly Glyph[]): Glyph[][] {
  const lines: Glyph[][] = [];
  let baseline = Number.NEGATIVE_INFINITY;
  for (const glyph of glyphs.toSorted((a, b) => a.baseline - b.baseline)) {
    const line = lines.at(-1);
    if (line !== undefined && glyph.baseline - baseline <= glyph.size * baselineSlack) line.push(glyph);
    else {
      lines.push([glyph]);
      baseline = glyph.baseline;
    }
  }
  return lines;
}

/** Some programs make letters bold by writing them twice. */
function withoutDoubles(line: readonly Glyph[]): Glyph[] {
  const kept: Glyph[] = [];
  for (const glyph of line.toSorted((a, b) => a.left - b.left)) {
    if (!isWritten(kept, glyph)) kept.push(glyph);
  }
  return kept;
}

/** Whether one of the last few is the same, in the same place. */
function isWritten(kept: readonly Glyph[], { text, left, size }: Glyph): boolean {
  for (let at = kept.length - 1; at >= Math.max(0, kept.length - 4); at -= 1) {
    const other = kept[at];
    if (other?.text === text && Math.abs(other.left - left) < Math.min(size * 0.12, 1.2)) return true;
  }
  return false;
}

/** Rows of points that lead the eye, and rules made of signs, are no text. */
function withoutLeaders(line: readonly Glyph[]): readonly Glyph[] {
  if (!line.some(isLeader)) return line;
  const kept: Glyph[] = [];
  let run: Glyph[] = [];
  const end = () => {
    if (run.length < leaderMin) kept.push(...run);
    run = [];
  };
  for (const glyph of line) {
    const before = run.at(-1);
    if (before !== undefined && !isLeading(before, glyph)) end();
    if (isLeader(glyph)) run.push(glyph);
    else kept.push(glyph);
  }
  end();
  return kept;
}

function isLeader({ text }: Glyph): boolean {
  return text.length === 1 && leaders.includes(text);
}

const leaders = '.·…_=-–—';
const leaderMin = 4;

/** Points may stand apart; single dashes far from each other are cells. */
function isLeading(before: Glyph, glyph: Glyph): boolean {
  const gapMax = /[.·…]/.test(glyph.text) ? 1.2 : 0.4;
  return before.text === glyph.text && glyph.left - before.right <= gapMax * glyph.size;
}

/** Adds the words of a line. */
function splitLine(line: readonly Glyph[], words: Word[]): void {
  let word: Glyph[] = [];
  let right = Number.NEGATIVE_INFINITY;
  for (const glyph of line) {
    const gap = (glyph.left - right) / glyph.size;
    if (word.length > 0 && (gap > wordGap || (glyph.isAfterSpace && gap > spaceGapMin))) {
      words.push(wordOf(word));
      word = [];
    }
    word.push(glyph);
    right = word.length === 1 ? glyph.right : Math.max(glyph.right, right);
  }
  if (word.length > 0) words.push(wordOf(word));
}

function wordOf(glyphs: readonly Glyph[]): Word {
  const baseline = glyphs[0]?.baseline ?? 0;
  let left = Number.POSITIVE_INFINITY;
  let right = Number.NEGATIVE_INFINITY;
  let size = 0;
  let text = '';
  for (const glyph of glyphs) {
    left = Math.min(left, glyph.left);
    right = Math.max(right, glyph.right);
    size = Math.max(size, glyph.size);
    text += glyph.text;
  }
  const top = baseline - size * ascent;
  const bottom = baseline + size * descent;
  return { left, right, top, bottom, text, baseline, size, isTurned: false, confidence: null };
}
