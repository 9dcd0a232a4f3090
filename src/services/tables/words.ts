import type { PdfCharacter } from '../../media/pdf.ts';
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

/** By how far, clockwise, the page is to be turned so that most of its text stands upright. */
export function uprightTurn(characters: readonly PdfCharacter[]): QuarterTurn {
  const counts = new Map<QuarterTurn, number>();
  for (const { text, angle, box } of characters) {
    if (box === null || text.trim() === '') continue;
    const turn = undoing(angle);
    counts.set(turn, (counts.get(turn) ?? 0) + 1);
  }
  const [most] = [...counts].toSorted(([, a], [, b]) => b - a);
  return most?.[0] ?? 0;
}

function undoing(angle: number): QuarterTurn {
  return ([0, 270, 180, 90] as const)[Math.round(angle / 90) % 4] ?? 0;
}

/** The words of a page that was turned clockwise by `turn`, in lines from top to bottom. */
export function readWords(characters: readonly PdfCharacter[], turn: QuarterTurn, page: Page): Word[] {
  const groups = new Map<QuarterTurn, Glyph[]>();
  let isAfterSpace = true;
  for (const character of characters) {
    if (character.text.trim() === '') isAfterSpace = true;
    else if (character.room !== null && character.origin !== null) {
      const own = undoing(character.angle);
      const glyphs = groups.get(own) ?? [];
      groups.set(own, glyphs);
      glyphs.push(glyphOf(character, character.room, character.origin, own, page, isAfterSpace));
      isAfterSpace = false;
    }
  }
  return [...groups]
    .flatMap(([own, glyphs]) => wordsOf(glyphs).map((word) => (own === turn ? word : laid(word, own, turn, page))))
    .filter(({ text }) => text !== '');
}

function glyphOf(
  { text, fontSize }: PdfCharacter,
  room: readonly [number, number, number, number],
  [x, y]: readonly [number, number],
  turn: QuarterTurn,
  page: Page,
  isAfterSpace: boolean,
): Glyph {
  const { left, right } = turned(room, turn, page);
  const { top } = turned([x, y, 0, 0], turn, page);
  return { text, left, right, baseline: top, size: Math.max(fontSize, 1), isAfterSpace };
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
  const lines = linesOf(glyphs);
  return lines.flatMap((line) => splitLine(withoutLeaders(withoutDoubles(line))));
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
    const isDouble = kept
      .slice(-4)
      .some((other) => other.text === glyph.text && Math.abs(other.left - glyph.left) < Math.min(glyph.size * 0.12, 1.2));
    if (!isDouble) kept.push(glyph);
  }
  return kept;
}

/** Rows of points that lead the eye, and rules made of signs, are no text. */
function withoutLeaders(line: readonly Glyph[]): Glyph[] {
  const kept: Glyph[] = [];
  let run: Glyph[] = [];
  const end = () => {
    if (run.length < leaderMin) kept.push(...run);
    run = [];
  };
  for (const glyph of line) {
    const before = run.at(-1);
    if (before !== undefined && !isLeading(before, glyph)) end();
    if (leader.test(glyph.text)) run.push(glyph);
    else kept.push(glyph);
  }
  end();
  return kept;
}

const leader = /^[.·…_=\-–—]$/;
const leaderMin = 4;

/** Points may stand apart; single dashes far from each other are cells. */
function isLeading(before: Glyph, glyph: Glyph): boolean {
  const gapMax = /[.·…]/.test(glyph.text) ? 1.2 : 0.4;
  return before.text === glyph.text && glyph.left - before.right <= gapMax * glyph.size;
}

function splitLine(line: readonly Glyph[]): Word[] {
  const words: Glyph[][] = [];
  let right = Number.NEGATIVE_INFINITY;
  for (const glyph of line) {
    const gap = (glyph.left - right) / glyph.size;
    const word = words.at(-1);
    if (word === undefined || gap > wordGap || (glyph.isAfterSpace && gap > spaceGapMin)) words.push([glyph]);
    else word.push(glyph);
    right = Math.max(glyph.right, word === undefined || words.at(-1)?.length === 1 ? glyph.right : right);
  }
  return words.map(wordOf);
}

function wordOf(glyphs: readonly Glyph[]): Word {
  const baseline = glyphs[0]?.baseline ?? 0;
  let [left, right, size, text] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, ''];
  for (const glyph of glyphs) {
    left = Math.min(left, glyph.left);
    right = Math.max(right, glyph.right);
    size = Math.max(size, glyph.size);
    text += glyph.text;
  }
  const [top, bottom] = [baseline - size * ascent, baseline + size * descent];
  return { left, right, top, bottom, text, baseline, size, isTurned: false, confidence: null };
}
