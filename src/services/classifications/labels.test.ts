import { expect, test } from 'vitest';
import { parseLabels } from './labels.ts';

test.each([
  ['lines', 'cat\ndog\n'],
  ['lines of Windows with a mark before them', '\ufeffcat\r\ndog\r\n'],
  ['lines with identifiers of WordNet', 'n02123045 cat\nn02110341 dog'],
  ['a JSON list', '["cat", "dog"]'],
  ['the JSON of Keras', '{"1": ["n02110341", "dog"], "0": ["n02123045", "cat"]}'],
  ['a JSON object', '{"0": "cat", "1": "dog"}'],
])('%s are read', (_, text) => {
  expect(parseLabels(text)).toEqual(['cat', 'dog']);
});

test.each([
  ['nothing', '', 'no labels'],
  ['an empty line', 'cat\n\ndog', 'number 2 is empty'],
  ['a gap', '{"0": "cat", "2": "dog"}', 'number 1 is missing'],
  ['numbers', '[1, 2]', 'no text'],
  ['half a JSON', '["cat"', 'JSON'],
  ['a page', 'x'.repeat(201), 'more than 200'],
])('%s is refused', (_, text, says) => {
  expect(() => parseLabels(text)).toThrow(says);
});
