import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createFewAtATime } from './few-at-a-time.ts';

test('of many requests that come at once some are begun in each turn, in their order, and nobody is left out', async () => {
  const inTurn = createFewAtATime();
  const begun: number[] = [];
  const afterTurns: number[] = [];
  for (let n = 0; n < 130; n += 1) inTurn(() => begun.push(n));
  while (begun.length < 130) {
    afterTurns.push(begun.length);
    await nextTurn();
  }
  expect(afterTurns).toEqual([32, 64, 96, 128]);
  inTurn(() => begun.push(130));
  expect(begun).toEqual(Array.from({ length: 131 }, (_, n) => n));
});

test('who comes while others wait is begun behind them', async () => {
  const inTurn = createFewAtATime();
  const begun: string[] = [];
  for (let n = 0; n < 33; n += 1) inTurn(() => begun.push('early'));
  inTurn(() => begun.push('late'));
  expect(begun).toHaveLength(32);
  await nextTurn();
  expect(begun.slice(32)).toEqual(['early', 'late']);
});

test('more than may wait are begun at once', () => {
  const inTurn = createFewAtATime();
  let begun = 0;
  for (let n = 0; n < 32 + 256 + 5; n += 1)
    inTurn(() => {
      begun += 1;
    });
  expect(begun).toBe(32 + 5);
});
