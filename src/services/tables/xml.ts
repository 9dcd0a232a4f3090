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

/** Of pages as `xmlPage` writes them. */
export function xml(pages: readonly string[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<pages>\n${pages.join('')}</pages>\n`;
}

/**
 * A page with its blocks, lines and words and their boxes, named as pdfminer names them: `bbox` is left, bottom, right and top from the
 * bottom left corner of the upright page.
 */
export function xmlPage({ number, width, height, rotation, words }: TextPage): string {
  const bbox = ({ left, top, right, bottom }: Area) =>
    `bbox="${fixed(left)},${fixed(height - bottom)},${fixed(right)},${fixed(height - top)}"`;
  const wordOf = (word: Word) => `<word ${bbox(word)} size="${fixed(word.size)}">${escaped(word.text)}</word>`;
  const blocks = textBlocks(words)
    .flat()
    .map((block, at) => {
      const lines = block.lines.map((line) => `<textline ${bbox(line)}>${line.words.map(wordOf).join(' ')}</textline>\n`);
      return `<textbox id="${at}" ${bbox(block)}>\n${lines.join('')}</textbox>\n`;
    });
  const size = bbox({ left: 0, top: 0, right: width, bottom: height });
  return `<page id="${number}" ${size} rotate="${rotation}">\n${blocks.join('')}</page>\n`;
}

/** What `toFixed(3)` gives, which takes long where pages have thousands of numbers. It is asked where rounding is not clear. */
function fixed(value: number): string {
  const exact = value * 1000;
  const thousandths = Math.round(exact);
  const isClear = Math.abs(Math.abs(exact - thousandths) - 0.5) > clearMin;
  if (!isClear || value < 0 || thousandths > thousandthsMax) return value.toFixed(3);
  const rest = thousandths % 1000;
  return `${(thousandths - rest) / 1000}.${rest < 10 ? '00' : rest < 100 ? '0' : ''}${rest}`;
}

const clearMin = 0.001;
const thousandthsMax = 1e9;
