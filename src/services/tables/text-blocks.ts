import { cut } from './cut.ts';
import { type Area, around } from './frame.ts';
import { chains, type Line } from './prose.ts';
import { readingLines } from './reading-lines.ts';
import type { Word } from './words.ts';

// Blocks of text in the order in which people read them.

export interface TextBlock extends Area {
  readonly lines: readonly Line[];
}

/** White so wide, in points, parts columns; so high, what is above from what is below. */
const gutterMin = 8;
const bandMin = 1;
const depthMax = 40;

/** Blocks in the order of reading; those in one group stand side by side and are read row by row. */
export function textBlocks(words: readonly Word[]): (readonly TextBlock[])[] {
  return inOrder(chains(readingLines(words)).map((lines) => ({ ...around(lines), lines })));
}

/** Cut where white runs through: into bands from top to bottom, these into columns, until nothing is to be cut (XY cut; Nagy 1984). */
function inOrder(blocks: readonly TextBlock[], depth = 0): (readonly TextBlock[])[] {
  if (blocks.length < 2) return [blocks];
  const bands = depth > depthMax ? [blocks] : joinedBands(cut(blocks, 'top', 'bottom', bandMin));
  if (bands.length > 1) return bands.flatMap((band) => inOrder(band, depth + 1));
  const columns = depth > depthMax ? [] : columnsOf(blocks);
  if (columns.length > 1)
    return besides(columns).flatMap((column) => (column.isRows ? [column.blocks] : inOrder(column.blocks, depth + 1)));
  return blocks.toSorted((a, b) => a.top - b.top || a.left - b.left).map((block) => [block]);
}

function columnsOf(blocks: readonly TextBlock[]): TextBlock[][] {
  return cut(blocks, 'left', 'right', gutterMin);
}

/** Bands under each other through which the same white runs down are one: columns go on though lines of both happen to end at one height. */
function joinedBands(bands: readonly (readonly TextBlock[])[]): (readonly TextBlock[])[] {
  const joined: TextBlock[][] = [];
  // Where the columns of the last one stand: looked for once in each band, however many of them are joined.
  let columns: readonly Span[] = [];
  for (const band of bands) {
    const above = joined.at(-1);
    const own = joinedSpans(band);
    const both = columns.length > 1 ? joinedSpans([...columns, ...own]) : [];
    if (above !== undefined && both.length > 1) {
      above.push(...band);
      columns = both;
    } else {
      joined.push([...band]);
      columns = own;
    }
  }
  return joined;
}

interface Span {
  readonly left: number;
  readonly right: number;
}

/** From where to where columns reach. */
function joinedSpans(spans: readonly Span[]): Span[] {
  const joined: { left: number; right: number }[] = [];
  for (const { left, right } of spans.toSorted((a, b) => a.left - b.left)) {
    const last = joined.at(-1);
    if (last !== undefined && left < last.right + gutterMin) last.right = Math.max(last.right, right);
    else joined.push({ left, right });
  }
  return joined;
}

interface Column {
  readonly blocks: readonly TextBlock[];
  readonly isRows: boolean;
}

/** Fewer words in a line, on average, are labels or numbers; they belong to what stands on their lines, for so many of them. */
const wordsMin = 3.5;
const sharedMin = 0.6;

/** Columns of a table, and numbers before paragraphs, are together. */
function besides(columns: readonly (readonly TextBlock[])[]): Column[] {
  const done: Column[] = [];
  let before: readonly Line[] = [];
  for (const blocks of columns) {
    const lines = blocks.flatMap((block) => block.lines);
    const last = done.at(-1);
    if (last !== undefined && isBeside(before, lines))
      done[done.length - 1] = { blocks: [...last.blocks, ...blocks], isRows: true };
    else done.push({ blocks, isRows: false });
    before = lines;
  }
  return done;
}

function isBeside(left: readonly Line[], right: readonly Line[]): boolean {
  const [few, many] = left.length < right.length ? [left, right] : [right, left];
  if (!isThin(left) && !isThin(right)) return false;
  const baselines = many.map(({ baseline }) => baseline);
  const shared = few.filter(({ baseline, size }) => baselines.some((each) => Math.abs(each - baseline) < 0.4 * size)).length;
  return shared >= sharedMin * few.length;
}

function isThin(lines: readonly Line[]): boolean {
  return lines.reduce((sum, { words }) => sum + words.length, 0) < wordsMin * lines.length;
}
