import { type Area, around, isWithin } from './frame.ts';
import { isNumeric, type Segment, type TextLine, textLines } from './segments.ts';
import type { Word } from './words.ts';

// Paragraphs: lines under each other that are about as long, of many words. They are no part of an unruled table, also beside one.

const linesMin = 4;
const wordsMin = 5.5;
/** Of the width of all text: columns of a page are not narrower. */
const widthMin = 0.26;
/** So many of the lines of a paragraph reach so far. */
const fullLines = 0.65;
const fullWidth = 0.75;

/** A piece of a line of text. */
export interface Line extends Segment {
  readonly baseline: number;
  readonly size: number;
}

export function withoutProse(words: readonly Word[]): Word[] {
  const upright = words.filter(({ isTurned }) => !isTurned);
  const page = around(upright);
  const blocks = chains(piecesOf(textLines(upright)))
    .filter((lines) => isParagraph(lines, page.right - page.left))
    .map(around);
  return words.filter((word) => !blocks.some((block) => isWithin(word, block)));
}

export function piecesOf(lines: readonly TextLine[]): Line[] {
  const pieces: Line[] = [];
  for (const { segments, baseline, size } of lines)
    for (const { left, top, right, bottom, words, text } of segments)
      pieces.push({ left, top, right, bottom, words, text, baseline, size });
  return pieces;
}

/** Pieces under each other that begin at about the same place: paragraphs, or the columns of tables. */
export function chains(lines: readonly Line[]): Line[][] {
  const done: Line[][] = [];
  let open: Line[][] = [];
  for (const line of lines) {
    const isNear = (chain: readonly Line[]) => line.baseline - (chain.at(-1)?.baseline ?? 0) <= 1.8 * line.size;
    if (!open.every(isNear)) {
      done.push(...open.filter((chain) => !isNear(chain)));
      open = open.filter(isNear);
    }
    const chain = open.find((each) => isContinuing(each, line));
    if (chain === undefined) open.push([line]);
    else chain.push(line);
  }
  return [...done, ...open];
}

function isContinuing(chain: readonly Line[], line: Line): boolean {
  const last = chain.at(-1);
  if (last === undefined || last.baseline === line.baseline) return false;
  const isAligned = Math.abs(last.left - line.left) <= 2.5 * line.size;
  return isAligned && Math.abs(last.size - line.size) <= 0.15 * line.size;
}

function isParagraph(lines: readonly Line[], pageWidth: number): boolean {
  if (lines.length < linesMin) return false;
  const { left, right }: Area = around(lines);
  if (right - left < widthMin * pageWidth) return false;
  const full = lines.filter((line) => line.right >= left + fullWidth * (right - left)).length;
  const count = lines.reduce((sum, line) => sum + line.words.length, 0);
  const numeric = lines.filter(({ text }) => isNumeric(text)).length;
  return full >= fullLines * lines.length && count >= wordsMin * lines.length && numeric * 3 < lines.length;
}
