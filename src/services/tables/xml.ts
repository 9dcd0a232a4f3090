import type { Area } from './frame.ts';
import { escaped } from './markup.ts';
import { textBlocks } from './text-blocks.ts';
import type { Word } from './words.ts';

export interface TextPage {
  readonly number: number;
  readonly width: number;
  readonly height: number;
  readonly rotation: number;
  readonly words: readonly Word[];
}

/**
 * Pages, blocks, lines and words with their boxes, named as pdfminer names them: `bbox` is left, bottom, right and top from the
 * bottom left corner of the upright page.
 */
export function xml(pages: readonly TextPage[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<pages>\n${pages.map(pageOf).join('')}</pages>\n`;
}

function pageOf({ number, width, height, rotation, words }: TextPage): string {
  const bbox = ({ left, top, right, bottom }: Area) =>
    `bbox="${[left, height - bottom, right, height - top].map((place) => place.toFixed(3)).join(',')}"`;
  const wordOf = (word: Word) => `<word ${bbox(word)} size="${word.size.toFixed(3)}">${escaped(word.text)}</word>`;
  const blocks = textBlocks(words)
    .flat()
    .map((block, at) => {
      const lines = block.lines.map((line) => `<textline ${bbox(line)}>${line.words.map(wordOf).join(' ')}</textline>\n`);
      return `<textbox id="${at}" ${bbox(block)}>\n${lines.join('')}</textbox>\n`;
    });
  const size = bbox({ left: 0, top: 0, right: width, bottom: height });
  return `<page id="${number}" ${size} rotate="${rotation}">\n${blocks.join('')}</page>\n`;
}
