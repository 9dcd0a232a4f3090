import type { ReadLine } from '../../media/ocr-engine.ts';
import { meanConfidence } from '../../media/reading.ts';
import type { LineResult, PageResult } from './contract.ts';

/** A page that was read, or whose own text was taken, with its place in the document. */
export interface DonePage {
  readonly number: number;
  readonly width: number;
  readonly height: number;
  readonly rotation: number;
  readonly confidence: number | null;
  readonly text: string;
  readonly lines: readonly ReadLine[];
}

/** Lines under each other, an empty line between paragraphs. */
export function textOf(lines: readonly ReadLine[]): string {
  return lines.reduce((text, line, at) => {
    const before = lines[at - 1];
    if (before === undefined) return lineText(line);
    const isSame = before.block === line.block && before.paragraph === line.paragraph;
    return `${text}${isSame ? '\n' : '\n\n'}${lineText(line)}`;
  }, '');
}

export function lineText({ words }: ReadLine): string {
  return words.map(({ text }) => text).join(' ');
}

export function pageResult(page: DonePage, { text, words }: { text: boolean; words: boolean }): PageResult {
  const { number, width, height, rotation, confidence } = page;
  return {
    number,
    width,
    height,
    rotation,
    confidence,
    ...(text && { text: page.text }),
    ...(words && { lines: page.lines.map(lineResult) }),
  };
}

function lineResult(line: ReadLine): LineResult {
  return {
    text: lineText(line),
    confidence: meanConfidence(line.words),
    box: [...line.box],
    words: line.words.map(({ text, confidence, box }) => ({ text, confidence, box: [...box] })),
  };
}
