import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatDuration, parseDuration } from './durations.ts';

test.each([
  ['0ms', 0],
  ['250ms', 250],
  ['30s', 30_000],
  ['5m', 300_000],
  ['2h', 7_200_000],
  ['7d', 604_800_000],
])('%s is %i milliseconds', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each(['', '5', 's', '-5s', '1.5s', '5 s', '5S', '5sec', ' 5s', '5s ', '5s\n', '1234567890s', '٣s'])(
  '%j is no duration',
  (text) => {
    expect(parseDuration(text)).toBeNull();
  },
);

test.each([
  [0, '0ms'],
  [1_500, '1500ms'],
  [90_000, '90s'],
  [7_200_000, '2h'],
  [604_800_000, '7d'],
])('%i milliseconds are spelled %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test('a duration that is spelled out and read again is the same', () => {
  fc.assert(fc.property(fc.nat(999_999_999), (ms) => parseDuration(formatDuration(ms)) === ms));
});
