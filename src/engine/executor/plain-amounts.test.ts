import { expect, it } from 'vitest';
import { plainBytes, plainDuration } from './plain-amounts.ts';

it('amounts are told in the largest unit that they fill', () => {
  expect([1024 ** 3, 1.5 * 1024 ** 3, 512 * 1024 ** 2, 1024, 7].map(plainBytes)).toEqual([
    '1 GB',
    '1.5 GB',
    '512 MB',
    '1 kB',
    '7 bytes',
  ]);
  expect([1, 250, 1_000, 30_000, 60_000, 120_000, 5_400_000].map(plainDuration)).toEqual([
    '1 millisecond',
    '250 milliseconds',
    '1 second',
    '30 seconds',
    '1 minute',
    '2 minutes',
    '1.5 hours',
  ]);
});
