import { expect, test } from 'vitest';
import { glassOf, sharesOf } from './beer.ts';

test.each([
  [100, 'half'],
  [300, 'half'],
  [300.000_001, 'pint'],
  [800, 'pint'],
  [800.5, 'stein'],
  [1000, 'stein'],
  [99.999, null],
  [1000.001, null],
  [Number.NaN, null],
  [-300, null],
  [Number.POSITIVE_INFINITY, null],
])('%d ml fill the glass %s', (volume, glass) => {
  expect(glassOf(volume)).toBe(glass);
});

test('shares are parts of all beers, and nothing has no parts', () => {
  const counts = [
    { tapId: 7, beers: 3 },
    { tapId: 1, beers: 1 },
  ];
  expect(sharesOf(counts)).toEqual({
    total: 4,
    taps: [
      { tapId: 7, beers: 3, share: 0.75 },
      { tapId: 1, beers: 1, share: 0.25 },
    ],
  });
  expect(sharesOf([])).toEqual({ total: 0, taps: [] });
  expect(sharesOf([{ tapId: 1, beers: 0 }]).taps).toEqual([{ tapId: 1, beers: 0, share: 0 }]);
});
