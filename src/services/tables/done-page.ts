import type { Options } from './contract.ts';
import { findTables } from './find-tables.ts';
import { isWithin, type QuarterTurn } from './frame.ts';
import type { TablePage } from './join-pages.ts';
import type { ReadContent } from './page-content.ts';
import { plainText } from './plain-text.ts';
import type { PageTexts } from './write-files.ts';
import { xmlPage } from './xml.ts';

/**
 * A page that was read, with the tables that were found on it. Without its words: of many pages they would be a lot, and what is made
 * of them is made at once.
 */
export interface DonePage extends TablePage, PageTexts {
  readonly rotation: QuarterTurn;
  readonly isRecognized: boolean;
  readonly scale: number;
  readonly lean: number;
}

/** `scale`: points to a unit of the boxes that are given. */
export function donePage(number: number, content: ReadContent, scale: number, options: Options): DonePage {
  const { turn: rotation, isRecognized, lean } = content;
  const isLying = rotation % 180 !== 0;
  const [width, height] = isLying ? [content.height, content.width] : [content.width, content.height];
  const words = wordsIn(content, options, scale);
  const page = { number, width, height, rotation };
  return {
    ...page,
    grids: isLooking(options) ? findTables({ ...content, words }, options.method) : [],
    plain: options.outputs.includes('text') ? plainText(words) : null,
    xml: options.outputs.includes('xml') ? xmlPage({ ...page, words }) : null,
    isRecognized,
    scale,
    lean,
  };
}

/** Text alone is had without tables. */
export function isLooking({ outputs }: Options): boolean {
  return outputs.some((output) => output !== 'text' && output !== 'xml');
}

function wordsIn({ words }: ReadContent, { box }: Options, scale: number): ReadContent['words'] {
  if (box === undefined) return words;
  const [x = 0, y = 0, width = 0, height = 0] = box.map((place) => place * scale);
  return words.filter((word) => isWithin(word, { left: x, top: y, right: x + width, bottom: y + height }));
}
