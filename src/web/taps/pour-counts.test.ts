import { expect, test } from 'vitest';
import { PourCounts, spanMs, stepMs } from './pour-counts.ts';

const now = 1_800_000_003_000;
const current = 1_800_000_000_000;
const steps = spanMs / stepMs;

function known(): PourCounts {
  const counts = new PourCounts();
  for (const step of counts.wanted(now)) counts.counted(step, 1);
  return counts;
}

test('each step of the last ten minutes is counted once, and the new one when it begins', () => {
  const counts = new PourCounts();
  expect(counts.wanted(now)).toHaveLength(steps);
  expect(counts.wanted(now).at(-1)).toBe(current);
  expect(known().wanted(now)).toEqual([]);
  expect(known().wanted(now + stepMs)).toEqual([current + stepMs]);
});

test('an event has its step counted anew, however late it comes; what happens while it is counted, once more', () => {
  const counts = known();
  counts.touch(now - 60_000);
  counts.touch(now);
  const wanted = counts.wanted(now);
  expect(wanted).toEqual([current - 60_000, current]);
  counts.asked(wanted);
  counts.touch(now);
  counts.counted(current, 5);
  expect(counts.wanted(now)).toEqual([current]);
  expect(counts.shown(now).at(-1)).toEqual({ at: current, value: 5 });
});

test('what could not be counted is asked for again, and shown as it was', () => {
  const counts = known();
  counts.touchAll();
  const wanted = counts.wanted(now);
  expect(wanted).toHaveLength(steps);
  counts.asked(wanted);
  counts.failed(wanted);
  expect(counts.wanted(now)).toEqual(wanted);
  expect(counts.shown(now).every(({ value }) => value === 1)).toBe(true);
});

test('time goes on where nothing is known, and what is long past is forgotten', () => {
  const counts = known();
  const later = counts.shown(now + 5 * stepMs);
  expect(later).toHaveLength(steps);
  expect(later.slice(-5).map(({ value }) => value)).toEqual([null, null, null, null, null]);
  expect(counts.shown(now)[0]?.value).toBeNull();
});
