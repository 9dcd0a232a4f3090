import { assert, integer, property } from 'fast-check';
import { expect, test } from 'vitest';
import { utcTime } from './utc-time.ts';

const latest = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

test.each([0, 999, 1_000, 86_399_999, 86_400_000, Date.UTC(2024, 1, 29, 12), latest])('%d is spelled as by toISOString', (at) => {
  expect(utcTime(at)).toBe(new Date(at).toISOString());
});

test('any time is spelled as by toISOString', () => {
  assert(property(integer({ min: 0, max: latest }), (at) => utcTime(at) === new Date(at).toISOString()));
});
