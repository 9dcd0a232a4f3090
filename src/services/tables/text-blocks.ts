import { type Area, around } from './frame.ts';
import { chains, type Line } from './prose.ts';
import type { Word } from './words.ts';

// Blocks of text in the order in which people read them.

export interface TextBlock extends Area {
  readonly lines: readonly Line[];
}

/** White so wide, in points, parts columns; so high, what is above from what is below. */
const gutterMin = 8;
const bandMin = 1;

export function textBlocks(words: readonly Word[]): TextBlock[] {
  const blocks = chains(words).map((lines) => ({ ...around(lines), lines }));
  return inOrder(blocks);
}

/** Cut where white runs through: from top to bottom first, then from left to right, until nothing is to be cut. */
function inOrder(blocks: readonly TextBlock[], depth = 0): TextBlock[] {
  if (blocks.length < 2 || depth > depthMax) return blocks.toSorted((a, b) => a.top - b.top || a.left - b.left);
  const columns = cut(blocks, ({ left, right }) => [left, right], gutterMin);
  const bands = cut(blocks, ({ top, bottom }) => [top, bottom], bandMin);
  const parts = bands.length > 1 ? bands : columns;
  return parts.length > 1
    ? parts.flatMap((part) => inOrder(part, depth + 1))
    : blocks.toSorted((a, b) => a.top - b.top || a.left - b.left);
}

const depthMax = 40;

function cut(blocks: readonly TextBlock[], extent: (block: TextBlock) => [number, number], gap: number): TextBlock[][] {
  const parts: TextBlock[][] = [];
  let end = Number.NEGATIVE_INFINITY;
  for (const block of blocks.toSorted((a, b) => extent(a)[0] - extent(b)[0])) {
    const [from, to] = extent(block);
    const part = parts.at(-1);
    if (part !== undefined && from < end + gap) part.push(block);
    else parts.push([block]);
    end = Math.max(end, to);
  }
  return parts;
}
