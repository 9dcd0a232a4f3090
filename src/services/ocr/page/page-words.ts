import type { LineResult, PageResult } from '../contract.ts';

export type WordResult = LineResult['words'][number];

/** A line with the places of its words among all words of the page. */
export interface NumberedLine {
  readonly words: readonly { readonly at: number; readonly word: WordResult }[];
  readonly beginsParagraph: boolean;
}

/** The lines of a page, with its words counted through. */
export function numberedLines({ lines = [], text }: PageResult): NumberedLine[] {
  const begins = paragraphStarts(text);
  let at = 0;
  return lines.map((line, row) => ({
    words: line.words.map((word) => ({ at: at++, word })),
    beginsParagraph: row > 0 && begins.has(row),
  }));
}

/** Rows of the text that come behind an empty line: the lines themselves do not tell. */
function paragraphStarts(text = ''): Set<number> {
  const starts = new Set<number>();
  let row = 0;
  let isBehindEmpty = false;
  for (const line of text.split('\n')) {
    if (line.trim() === '') {
      isBehindEmpty = true;
      continue;
    }
    if (isBehindEmpty) starts.add(row);
    isBehindEmpty = false;
    row += 1;
  }
  return starts;
}

export function pageText({ text, lines = [] }: PageResult): string {
  return text ?? lines.map((line) => line.text).join('\n');
}

export type Sureness = 'high' | 'middle' | 'low' | 'unknown';

/** From here on a word counts as well read, or as worth a look. */
export const highFrom = 0.9;
export const middleFrom = 0.7;

/** Unknown: text that the file had, which nobody had to read. */
export function surenessOf({ confidence }: { confidence: number | null }): Sureness {
  if (confidence === null) return 'unknown';
  if (confidence >= highFrom) return 'high';
  return confidence >= middleFrom ? 'middle' : 'low';
}
