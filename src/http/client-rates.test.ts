import { expect, test } from 'vitest';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { createClientRates } from './client-rates.ts';

const tenASecond = { limit: 10, perMs: 1_000 };

test('a client may send so many in a time, is told what is left, and comes again when it is told to', () => {
  const clock = new ManualClock();
  const rates = createClientRates(tenASecond, clock);
  const left = Array.from({ length: 10 }, () => rates.take('10.0.0.1'));
  expect(left.map(({ refusal }) => refusal)).toEqual(Array.from({ length: 10 }, () => null));
  expect(left.map(({ fields }) => fields.ratelimit)).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0].map((r) => `"default";r=${r};t=1`));
  const over = rates.take('10.0.0.1');
  expect(over.fields).toEqual({ 'ratelimit-policy': '"default";q=10;w=1', ratelimit: '"default";r=0;t=1' });
  expect(over.refusal).toMatchObject({ code: 'rate-limited', retryAfterSeconds: 1 });
  expect(rates.take('10.0.0.2').refusal).toBeNull();
  clock.advance(1_000);
  expect(rates.take('10.0.0.1').refusal).toBeNull();
});

test('what is refused does not count, so that who goes on too fast gets its rate and no less', () => {
  const clock = new ManualClock();
  const rates = createClientRates(tenASecond, clock);
  let taken = 0;
  for (let n = 0; n < 1_000; n += 1) {
    if (rates.take('10.0.0.1').refusal === null) taken += 1;
    clock.advance(10);
  }
  expect(taken).toBeGreaterThanOrEqual(108);
  expect(taken).toBeLessThanOrEqual(110);
});

test('an IPv6 client is known by its network, an IPv4 one in IPv6 clothes by its address', () => {
  const rates = createClientRates({ limit: 1, perMs: 60_000 }, new ManualClock());
  expect(rates.take('2001:db8:1:2::1').refusal).toBeNull();
  expect(rates.take('2001:db8:1:2:ffff::9').refusal).not.toBeNull();
  expect(rates.take('2001:db8:1:3::1').refusal).toBeNull();
  expect(rates.take('::1').refusal).toBeNull();
  expect(rates.take('::ffff:10.0.0.1').refusal).toBeNull();
  expect(rates.take('10.0.0.1').refusal).not.toBeNull();
  expect(rates.take('::ffff:10.0.0.2').refusal).toBeNull();
});

test('of more clients than are kept, the one that was longest away is forgotten', () => {
  const rates = createClientRates({ limit: 1, perMs: 60_000 }, new ManualClock(), 2);
  for (const address of ['10.0.0.1', '10.0.0.2', '10.0.0.3']) expect(rates.take(address).refusal).toBeNull();
  expect(rates.take('10.0.0.3').refusal).not.toBeNull();
  expect(rates.take('10.0.0.1').refusal).toBeNull();
});
