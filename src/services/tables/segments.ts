import { type Area, around } from './frame.ts';
import { linesOf } from './grid.ts';
import type { Word } from './words.ts';

// Lines of text across the page, and the pieces that wide gaps cut them into: what may be cells.

export interface Segment extends Area {
  readonly words: readonly Word[];
  readonly text: string;
}

export interface TextLine extends Area {
  readonly baseline: number;
  readonly size: number;
  readonly segments: readonly Segment[];
}

/** A gap of so much of the size of the letters parts cells; words of one text stand nearer. */
const cellGap = 0.85;

export function textLines(words: readonly Word[]): TextLine[] {
  return linesOf(words).map((line) => {
    const { left, top, right, bottom } = around(line);
    const size = line.reduce((most, word) => Math.max(most, word.size), 0);
    return { left, top, right, bottom, baseline: line[0]?.baseline ?? 0, size, segments: segmentsOf(line) };
  });
}

function segmentsOf(line: readonly Word[]): Segment[] {
  const groups: Word[][] = [];
  for (const word of line) {
    const group = groups.at(-1);
    const before = group?.at(-1);
    if (group === undefined || before === undefined) groups.push([word]);
    else if (isApart(before, word) && !isCurrency(before)) groups.push([word]);
    else group.push(word);
  }
  return groups.map(segmentOf);
}

export function segmentOf(words: readonly Word[]): Segment {
  const { left, top, right, bottom } = around(words);
  let text = '';
  for (const word of words) text = text === '' ? word.text : `${text} ${word.text}`;
  return { left, top, right, bottom, words, text };
}

/** Two numbers are parted by less, but more than the space that groups the digits of one. */
const numberGap = 0.4;

/** What the words are is only looked at where it matters. */
function isApart(before: Word, word: Word): boolean {
  const gap = word.left - before.right;
  const size = Math.max(word.size, before.size);
  if (gap <= numberGap * size) return false;
  if (gap > cellGap * size) return true;
  return /^\(?[-–]?[$€£]?\d/.test(word.text) && /\d[%)]*$/.test(before.text);
}

/** Signs stand at the left of their column, far from their amounts. */
function isCurrency({ text }: Word): boolean {
  return /^[$€£¥]$/.test(text);
}

export function isNumeric(text: string): boolean {
  const digits = text.match(/\d/g)?.length ?? 0;
  return digits > 0 ? digits * 2 >= text.replace(/[\s.,%$€£¥()+\-–—*]/g, '').length : /^[-–—*.…x]+$|^n\/?a$/i.test(text.trim());
}
