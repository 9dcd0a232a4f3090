import fc from 'fast-check';
import { expect, test } from 'vitest';
import { softMax, topLabels } from './top-labels.ts';

test('the scores make one, whatever the numbers', () => {
  const numbers = fc.float32Array({ minLength: 1, noNaN: true, min: Math.fround(-1e30), max: Math.fround(1e30) });
  fc.assert(
    fc.property(numbers, (values) => {
      const scores = softMax(values);
      expect(scores.every((score) => score >= 0 && score <= 1)).toBe(true);
      expect(scores.reduce((sum, score) => sum + score, 0)).toBeCloseTo(1, 6);
    }),
  );
});

test('labels come by falling score; of equal ones the earlier first', () => {
  const labels = topLabels(Float32Array.of(1, 3, 1, 2), ['a', 'b', 'c', 'd'], 'logits', 4);
  expect(labels.map(({ label }) => label)).toEqual(['b', 'd', 'a', 'c']);
  expect(labels[0]).toEqual({ index: 1, label: 'b', score: expect.closeTo(0.6103, 3) });
});

test('numbers that are soft-max already stay as they are', () => {
  const labels = topLabels(Float32Array.of(0.25, 0.75), ['a', 'b'], 'softmax', 1);
  expect(labels).toEqual([{ index: 1, label: 'b', score: 0.75 }]);
});

test('a few labels are the first of all of them, whatever the numbers', () => {
  const number = fc.integer({ min: -3, max: 3 }).map(Math.fround);
  fc.assert(
    fc.property(fc.array(number, { minLength: 1, maxLength: 30 }), fc.integer({ min: 1, max: 40 }), (numbers, top) => {
      const told = (count: number) => topLabels(Float32Array.from(numbers), [], 'logits', count);
      expect(told(top)).toEqual(told(numbers.length).slice(0, top));
      expect(told(numbers.length).map(({ index }) => index)).toEqual(
        [...numbers.keys()].sort((a, b) => (numbers[b] ?? 0) - (numbers[a] ?? 0) || a - b),
      );
    }),
  );
});
