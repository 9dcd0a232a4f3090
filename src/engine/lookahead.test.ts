import { beforeEach, expect, test } from 'vitest';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { createLookahead, type Lookahead } from './lookahead.ts';

const executors = 2;
let clock: ManualClock;
let lookahead: Lookahead;

beforeEach(() => {
  clock = new ManualClock();
  lookahead = createLookahead([{ service: 'quick', concurrency: null, rate: null }], clock);
  for (let jobs = 0; jobs < 20; jobs += 1) lookahead.took('quick', 5);
  lookahead.claimedInTurn([]);
});

const mayClaimAhead = () => lookahead.allowance(executors, 0).limit > 0;

test('a turn is due well before nothing may be claimed ahead any more', () => {
  expect([lookahead.isTurnDue(), mayClaimAhead()]).toEqual([false, true]);
  clock.advance(60);
  expect([lookahead.isTurnDue(), mayClaimAhead()]).toEqual([true, true]);
  clock.advance(60);
  expect([lookahead.isTurnDue(), mayClaimAhead()]).toEqual([true, false]);
});

test('a turn that was taken lets short jobs be claimed ahead again', () => {
  clock.advance(120);
  lookahead.claimedInTurn([]);
  expect([lookahead.isTurnDue(), mayClaimAhead()]).toEqual([false, true]);
});
