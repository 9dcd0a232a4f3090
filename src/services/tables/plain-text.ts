import { linesOf } from './grid.ts';
import { type TextBlock, textBlocks } from './text-blocks.ts';
import type { Word } from './words.ts';

/** The text of a page as people read it: blocks stand apart by an empty line, what stands side by side by a tab. */
export function plainText(words: readonly Word[]): string {
  return textBlocks(words).map(textOf).join('\n');
}

function textOf(group: readonly TextBlock[]): string {
  const lines = group.flatMap((block) => block.lines);
  const texts = group.length > 1 ? rowsOf(lines) : lines.map(({ text }) => text);
  return texts.map((text) => `${text}\n`).join('');
}

/** What stands at one height is one line. */
function rowsOf(lines: TextBlock['lines']): string[] {
  const texts = new Map(lines.flatMap(({ words, text }) => words.slice(0, 1).map((first) => [first, text] as const)));
  return linesOf([...texts.keys()]).map((row) => row.map((first) => texts.get(first) ?? '').join('\t'));
}
