import { expect, test } from 'vitest';
import { oneAtATime } from './one-at-a-time.ts';

test('requests during a round make one more round, never two at once', async () => {
  const ends: (() => void)[] = [];
  let running = 0;
  let most = 0;
  const rounds = oneAtATime(
    async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise<void>((resolve) => ends.push(resolve));
      running -= 1;
    },
    () => expect.unreachable('no round fails'),
  );
  rounds.request();
  for (let count = 0; count < 3; count += 1) rounds.request();
  ends[0]?.();
  await expect.poll(() => ends.length).toBe(2);
  ends[1]?.();
  await rounds.settled();
  expect({ rounds: ends.length, most }).toEqual({ rounds: 2, most: 1 });
});

test('a round that fails is told, and the next request begins another', async () => {
  const told: unknown[] = [];
  let rounds = 0;
  const failing = oneAtATime(
    async () => {
      rounds += 1;
      throw new Error(`round ${rounds}`);
    },
    (error) => told.push(error),
  );
  failing.request();
  await failing.settled();
  failing.request();
  await failing.settled();
  expect(told.map(String)).toEqual(['Error: round 1', 'Error: round 2']);
});
