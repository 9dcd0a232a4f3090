import { expect, test } from 'vitest';
import { TapShares } from './tap-shares.ts';

test('the report of the document', () => {
  const shares = new TapShares([]);
  for (const tapId of [1, 2, 3, 1, 3, 1, 3, 1, 3]) {
    shares.change(tapId, 1);
    expect(shares.isReportDue).toBe(false);
  }
  shares.change(2, 1);
  expect(shares.isReportDue).toBe(true);
  expect(shares.report()).toBe('{"tap 1": "40.0%", "tap 2": "20.0%", "tap 3": "40.0%", "total beers": 10}');
});

// As Python gives `str(round(100 * beers / total, 2)) + '%'`.
test.each([
  [1, 30, '3.33%'],
  [2, 30, '6.67%'],
  [30, 30, '100.0%'],
  [1, 40, '2.5%'],
  [1, 80, '1.25%'],
  [1, 160, '0.62%'],
  [3, 160, '1.88%'],
  [1, 7_000_000, '0.0%'],
])('%i beers of %i are %s', (beers, total, text) => {
  const shares = new TapShares([
    { tapId: 5, beers },
    { tapId: 9, beers: total - beers },
  ]);
  expect(JSON.parse(shares.report())['tap 5']).toBe(text);
});

test('without beers there are no shares, and the report is due', () => {
  const shares = new TapShares([{ tapId: 4, beers: 1 }]);
  shares.change(4, -1);
  expect([shares.isReportDue, shares.report()]).toEqual([true, '{"total beers": 0}']);
});

test('a tap that has no beer left is not named, and comes last when it pours again', () => {
  const shares = new TapShares([
    { tapId: 1, beers: 1 },
    { tapId: 2, beers: 9 },
  ]);
  shares.change(1, -1);
  expect(shares.report()).toBe('{"tap 2": "100.0%", "total beers": 9}');
  shares.change(1, 1);
  expect(shares.report()).toBe('{"tap 2": "90.0%", "tap 1": "10.0%", "total beers": 10}');
});
