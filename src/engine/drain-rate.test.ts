import { expect, test } from 'vitest';
import { DrainRate } from './drain-rate.ts';

/** Starts every `gapMs` while others wait; the time of the last one. */
function starts(drain: DrainRate, count: number, gapMs: number, from: number): number {
  for (let n = 1; n <= count; n += 1) drain.started(from + n * gapMs, true);
  return from + count * gapMs;
}

test('nothing is known before two jobs have been started one after the other', () => {
  const drain = new DrainRate();
  expect(drain.perMs(0)).toBeNull();
  drain.started(0, true);
  expect(drain.perMs(10)).toBeNull();
  drain.started(20, true);
  expect(drain.perMs(20)).toBe(1 / 20);
});

test('time in which nothing waited tells nothing', () => {
  const drain = new DrainRate();
  drain.started(0, true);
  drain.started(10, false);
  drain.started(3_600_000, true);
  drain.started(3_600_010, true);
  expect(drain.perMs(3_600_010)).toBe(1 / 10);
  drain.interrupted();
  expect(drain.perMs(7_200_000)).toBe(1 / 10);
});

test('a queue that stands still gets slower with time, and a change of pace shows within seconds', () => {
  const drain = new DrainRate();
  drain.started(0, true);
  const fastUntil = starts(drain, 10_000, 1, 0);
  expect(drain.perMs(fastUntil)).toBeCloseTo(1, 1);
  expect(drain.perMs(fastUntil + 60_000)).toBeLessThan(0.01);
  const slowUntil = starts(drain, 40, 100, fastUntil);
  expect(drain.perMs(slowUntil)).toBeCloseTo(0.01, 3);
});

test('one long job among short ones is forgotten after a few more', () => {
  const drain = new DrainRate();
  drain.started(0, true);
  drain.started(600_000, true);
  const until = starts(drain, 40, 100, 600_000);
  expect(drain.perMs(until)).toBeCloseTo(0.01, 3);
});
