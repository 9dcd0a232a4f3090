import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { nextSteps } from './next-steps.ts';

const labelled = (...labels: [string, number][]) => labels.map(([label, score], index) => ({ index, label, score }));
const services = (model: string, ...labels: [string, number][]) =>
  nextSteps({ model, labels: labelled(...labels) }).map(({ service }) => service);

test('the likeliest kind says what to do, and a likely second one, too', () => {
  expect(services('kinds', ['table', 0.6], ['text document', 0.3], ['photograph', 0.1])).toEqual(['tables', 'ocr']);
  expect(services('kinds', ['text document', 0.5], ['form or receipt', 0.4])).toEqual(['ocr']);
  expect(services('kinds', ['photograph', 0.19])).toEqual(['thumbnails']);
});

test('of a blank picture, and of labels of another model, nothing follows', () => {
  expect(services('kinds', ['blank or noise', 0.9])).toEqual([]);
  expect(services('mobilenet', ['table', 0.9])).toEqual([]);
});

test('every kind that the bundled model knows, but blank ones, leads somewhere', () => {
  const kinds = readFileSync(new URL('../models/kinds/labels.txt', import.meta.url), 'utf8')
    .trim()
    .split('\n');
  const lost = kinds.filter((kind) => services('kinds', [kind, 1]).length === 0);
  expect(lost).toEqual(['blank or noise']);
});
