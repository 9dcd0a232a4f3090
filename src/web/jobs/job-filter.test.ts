import { expect, test } from 'vitest';
import { actionFilter, addressOf, filterOf, passes } from './job-filter.ts';

const address = '/jobs?service=ocr&state=failed&createdAfter=2026-01-01T00:00:00Z&label.case=A-17&label.of=a%26b';

test('a filter goes into the address and comes back from it', () => {
  const filter = filterOf(new URLSearchParams(address.slice('/jobs?'.length)));
  expect(filter).toEqual({
    service: 'ocr',
    state: 'failed',
    createdAfter: '2026-01-01T00:00:00Z',
    labels: { case: 'A-17', of: 'a&b' },
  });
  expect(addressOf(filter)).toBe(address);
  expect(addressOf({})).toBe('/jobs');
});

test('what no filter knows is left out', () => {
  expect(filterOf(new URLSearchParams('state=lost&service=&label.=x&other=1'))).toEqual({});
});

test.each([
  [{ labels: { case: 'A' } }, true],
  [{ labels: { case: 'B' } }, false],
  [{ createdBefore: '2026-01-02T00:00:00Z' }, false],
  [{ createdAfter: '2026-01-02T00:00:00+00:00', state: 'failed' }, true],
  [{ state: 'queued' }, false],
] as const)('%j passes a failed job: %s', (filter, expected) => {
  const job = { service: 'ocr', state: 'failed', labels: { case: 'A' }, createdAt: '2026-01-02T00:00:00.000Z' } as const;
  expect(passes(filter, job)).toBe(expected);
});

test('an action on all that match spares jobs that came later than the newest that was seen', () => {
  const newest = '2026-01-02T00:00:00.000Z';
  expect(actionFilter({ state: 'failed' }, newest)).toEqual({ state: 'failed', createdBefore: '2026-01-02T00:00:00.001Z' });
  const earlier = { createdBefore: '2026-01-01T00:00:00Z' };
  expect(actionFilter(earlier, newest)).toEqual(earlier);
});
