import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bookStart, nextStartAt } from './rate.ts';

const rates = fc.record({ limit: fc.integer({ min: 1, max: 50 }), perMs: fc.integer({ min: 1, max: 3_600_000 }) });
const began = Date.UTC(2026, 0, 1);

test('a full bucket allows exactly a burst of the limit', () => {
  fc.assert(
    fc.property(rates, (rate) => {
      let booked: number | null = null;
      for (let n = 0; n < rate.limit; n += 1) {
        expect(nextStartAt(rate, booked, began)).toBeLessThanOrEqual(began);
        booked = bookStart(rate, booked, began);
      }
      expect(nextStartAt(rate, booked, began)).toBeGreaterThan(began);
    }),
  );
});

test('over a long time there are no more starts than the rate and one burst, and not less than the rate', () => {
  fc.assert(
    fc.property(rates, (rate) => {
      let booked: number | null = null;
      let now = began;
      const starts = rate.limit * 4;
      for (let n = 0; n < starts; n += 1) {
        now = Math.max(now, nextStartAt(rate, booked, now));
        booked = bookStart(rate, booked, now);
      }
      const expectedMs = ((starts - rate.limit) * rate.perMs) / rate.limit;
      // Every start is put off to a whole millisecond; that is made up for by the next.
      expect(now - began).toBeGreaterThanOrEqual(Math.floor(expectedMs));
      expect(now - began).toBeLessThanOrEqual(Math.ceil(expectedMs) + 3 * rate.limit);
    }),
  );
});

test('a clock that was set back holds up starts for one filling of the bucket at most', () => {
  const rate = { limit: 10, perMs: 60_000 };
  const booked = bookStart(rate, null, began);
  const earlier = began - 86_400_000;
  expect(nextStartAt(rate, booked, earlier) - earlier).toBeLessThanOrEqual(rate.perMs);
});
