import { expect, test } from 'vitest';
import type { PageResult } from '../contract.ts';
import { numberedLines, pageText, surenessOf } from './page-words.ts';

const box = [0, 0, 1, 1];

function page(lines: readonly string[], text?: string): PageResult {
  return {
    number: 1,
    width: 100,
    height: 100,
    rotation: 0,
    confidence: 1,
    ...(text !== undefined && { text }),
    lines: lines.map((line) => ({
      text: line,
      confidence: 1,
      box,
      words: line.split(' ').map((word) => ({ text: word, confidence: 1, box })),
    })),
  };
}

test('words are counted through all lines of a page', () => {
  const lines = numberedLines(page(['a b', 'c', 'd e']));
  expect(lines.map(({ words }) => words.map(({ at }) => at))).toEqual([[0, 1], [2], [3, 4]]);
});

test('a line behind an empty one of the text begins a paragraph', () => {
  const lines = numberedLines(page(['a b', 'c', 'd e'], 'a b\n\nc\nd e'));
  expect(lines.map(({ beginsParagraph }) => beginsParagraph)).toEqual([false, true, false]);
});

test('the text of a page without text is that of its lines', () => {
  expect(pageText(page(['a b', 'c']))).toBe('a b\nc');
});

test('a word of a text that nobody had to read is neither sure nor doubtful', () => {
  expect([null, 0.2, 0.8, 0.95].map((confidence) => surenessOf({ confidence }))).toEqual(['unknown', 'low', 'middle', 'high']);
});
