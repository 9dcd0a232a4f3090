import { beforeEach, expect, test } from 'vitest';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { createLookahead, type Lookahead } from './lookahead.ts';

const executors = 2;
let clock: ManualClock;
let lookahead: Lookahead;

beforeEach(() => {
  clock = new ManualClock();
  const services = ['quick', 'short', 'long', 'unknown'];
  lookahead = createLookahead(
    services.map((service) => ({ service, concurrency: null, rate: null })),
    clock,
  );
  for (let jobs = 0; jobs < 40; jobs += 1) {
    lookahead.took('quick', 5);
    lookahead.took('short', 80);
    lookahead.took('long', 500);
  }
  lookahead.claimedInTurn([]);
});

const mayClaimAhead = () => lookahead.allowances(executors, 0).length > 0;

const allowed = (ahead: number) =>
  lookahead.allowances(executors, ahead).map(({ limit, lanes }) => [limit, ...lanes.map(({ service }) => service)]);

test('of quick jobs as many are claimed ahead as fill some milliseconds, and not in small numbers; of short ones one an executor', () => {
  expect(['quick', 'short', 'long', 'unknown'].filter(lookahead.isShort)).toEqual(['quick', 'short']);
  const [[most = 0] = []] = allowed(0) as number[][];
  // What jobs took is a running mean.
  expect(most).toBeGreaterThanOrEqual(16);
  expect(allowed(0)).toEqual([
    [most, 'quick'],
    [2, 'short'],
  ]);
  expect(allowed(1)).toEqual([
    [most - 1, 'quick'],
    [1, 'short'],
  ]);
  expect(allowed(most - 2)).toEqual([[2, 'quick']]);
  expect(allowed(most - 1)).toEqual([]);
});

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
