import { expect, test } from 'vitest';
import { retryDelayMs } from './retry-delay.ts';

test.each([
  [1, 500, 1_000],
  [2, 1_000, 2_000],
  [5, 8_000, 16_000],
  [20, 150_000, 300_000],
])('after attempt %i a job waits between %i and %i ms', (attempt, leastMs, mostMs) => {
  expect(retryDelayMs(attempt, () => 0)).toBe(leastMs);
  expect(retryDelayMs(attempt, () => 1)).toBe(mostMs);
});

test('jobs that failed together come back at different times', () => {
  const delays = Array.from({ length: 100 }, () => retryDelayMs(6));
  expect(new Set(delays).size).toBeGreaterThan(50);
});
