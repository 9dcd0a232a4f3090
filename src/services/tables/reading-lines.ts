import type { Area } from './frame.ts';
import { type Line, piecesOf } from './prose.ts';
import { segmentOf, type TextLine, textLines } from './segments.ts';
import type { Word } from './words.ts';

// Lines of text as people read them: parted between columns, but not by the wide spaces that stand after sentences.

/** So many lines above and below a gap tell whether it parts columns, as far as they are no further than so many sizes. */
const neighboursMax = 3;
const neighbourReach = 8;
/** White of less than so much of the size is a space between words. */
const gutterSize = 0.6;
/** No space is so wide, in sizes. */
const spaceMax = 2;

export function readingLines(words: readonly Word[]): Line[] {
  const lines = textLines(words);
  return piecesOf(
    lines.map((line, at) => (line.segments.length === 1 ? line : { ...line, segments: piecesAt(lines, line, at) })),
  );
}

function piecesAt(lines: readonly TextLine[], line: TextLine, at: number) {
  const groups: Word[][] = [];
  for (const { left, words } of line.segments) {
    const group = groups.at(-1);
    const from = group?.at(-1)?.right ?? left;
    if (group === undefined || isGutter(lines, at, from, left)) groups.push([...words]);
    else group.push(...words);
  }
  return groups.map(segmentOf);
}

/** Whether text right above and below leaves the gap white, too. */
function isGutter(lines: readonly TextLine[], at: number, from: number, to: number): boolean {
  const size = lines[at]?.size ?? 0;
  if (to - from > spaceMax * size) return true;
  const near = [...nearest(lines, at, -1, from, to), ...nearest(lines, at, 1, from, to)];
  const open = near.filter(({ segments }) => hasWhite(segments, from, to, gutterSize * size)).length;
  return open * 2 > near.length;
}

/** The first lines above or below that reach to both sides of a gap. */
function nearest(lines: readonly TextLine[], at: number, step: 1 | -1, from: number, to: number): TextLine[] {
  const [own, near]: [TextLine | undefined, TextLine[]] = [lines[at], []];
  for (let place = at + step; near.length < neighboursMax; place += step) {
    const line = lines[place];
    if (own === undefined || line === undefined || Math.abs(line.baseline - own.baseline) > neighbourReach * own.size) break;
    if (line.left < from && line.right > to) near.push(line);
  }
  return near;
}

/** Whether no piece covers some stretch between two places that is at least so wide. */
function hasWhite(segments: readonly Area[], from: number, to: number, width: number): boolean {
  let end = from;
  for (const { left, right } of segments) {
    if (Math.min(left, to) - end >= width) return true;
    end = Math.max(end, right);
  }
  return to - end >= width;
}
