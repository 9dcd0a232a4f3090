import { expect, test } from 'vitest';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { ServiceError } from '../core/errors.ts';
import { createFailureLog } from './failure-log.ts';

function open() {
  const lines: object[] = [];
  const clock = new ManualClock();
  const ignore = () => {};
  const error = (fields: object, msg: string) => void lines.push({ ...fields, msg });
  const fail = createFailureLog({ debug: ignore, info: ignore, warn: ignore, error }, clock);
  return { lines, clock, fail };
}

const cause = new Error('EIO');
const diskAway = new ServiceError('service-unavailable', 'The database does not answer.', { cause });
const diskFull = new ServiceError('insufficient-storage', 'There is no room.', { cause });

test('of an outage one failure of each code is told a second, and how many others there were', () => {
  const { lines, clock, fail } = open();
  for (let n = 0; n < 1000; n += 1) fail(diskAway, `t${n}`);
  fail(diskFull, 'full');
  const away = { traceId: 't0', problem: 'service-unavailable', err: cause, msg: 'request.failed' };
  const full = { traceId: 'full', problem: 'insufficient-storage', err: cause, msg: 'request.failed' };
  expect(lines.splice(0)).toEqual([away, full]);
  clock.advance(1_000);
  expect(lines.splice(0)).toEqual([{ problem: 'service-unavailable', requests: 999, msg: 'requests.failed' }]);
  fail(diskAway, 'later');
  expect(lines.splice(0)).toEqual([{ ...away, traceId: 'later' }]);
  clock.advance(10_000);
  expect(lines).toEqual([]);
});

test('a fault of ours is told each time, with itself where nothing else caused it', () => {
  const { lines, fail } = open();
  const fault = new ServiceError('internal-error', 'Something broke.');
  for (const traceId of ['a', 'b']) fail(fault, traceId);
  expect(lines).toEqual(['a', 'b'].map((traceId) => ({ traceId, problem: 'internal-error', err: fault, msg: 'request.failed' })));
});

test.each(['validation-error', 'overloaded', 'queue-full', 'shutting-down'] as const)('%s is no failure', (code) => {
  const { lines, fail } = open();
  fail(new ServiceError(code, 'No.'), 'a');
  expect(lines).toEqual([]);
});
