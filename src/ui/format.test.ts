import { expect, test } from 'vitest';
import { formatAgo } from './format.ts';

const now = Date.parse('2026-03-01T12:00:00Z');

test.each([
  ['2026-03-01T12:00:03Z', 'just now'],
  ['2026-03-01T12:00:40Z', 'in 40 seconds'],
  ['2026-03-01T12:59:40Z', 'in 1 hour'],
  ['2026-03-01T14:59:58Z', 'in 3 hours'],
  ['2026-03-08T11:59:30Z', 'in 7 days'],
  ['2026-03-01T10:05:00Z', '1 hour ago'],
  ['2026-02-27T11:00:00Z', '2 days ago'],
])('%s is %s', (at, words) => {
  expect(formatAgo(at, now)).toBe(words);
});
