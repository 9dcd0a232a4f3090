import { expect, test } from 'vitest';
import { without } from '../filters/filter.ts';
import { addressOf, type BeerFilter, filterOf, pageOf, passes } from './beer-filter.ts';

const read = (address: string) => new URL(address, 'http://bar').searchParams;

test('a filter stands in the address and is read back from it', () => {
  const filter: BeerFilter = { type: 'pint', tapId: 7, from: '2026-01-02T03:04:05.678Z', to: '2026-01-02T04:00:00.000Z' };
  expect(addressOf(filter, 3)).toBe('/taps?type=pint&tapId=7&from=2026-01-02T03:04:05.678Z&to=2026-01-02T04:00:00.000Z&page=3');
  expect(filterOf(read(addressOf(filter, 3)))).toEqual(filter);
  expect(pageOf(read(addressOf(filter, 3)))).toBe(3);
  expect(addressOf({}, 1)).toBe('/taps');
  expect(without(filter, 'from', 'to')).toEqual({ type: 'pint', tapId: 7 });
});

test('what cannot be meant is left out', () => {
  expect(filterOf(read('/taps?type=bucket&tapId=-1&from=&to='))).toEqual({});
  expect(filterOf(read('/taps?tapId=99999999999999999'))).toEqual({});
  expect(filterOf(read('/taps?tapId=0'))).toEqual({ tapId: 0 });
  for (const page of ['0', '-1', '1.5', 'x', '']) expect(pageOf(read(`/taps?page=${page}`))).toBe(1);
});

test('a beer passes by glass, tap and the time at which it was poured', () => {
  const beer = { tapId: 7, volume: 400, type: 'pint', timestamp: '2026-01-02T03:00:00Z' } as const;
  expect(passes({}, beer)).toBe(true);
  expect(passes({ type: 'pint', tapId: 7, from: '2026-01-02T03:00:00Z', to: '2026-01-02T03:00:01Z' }, beer)).toBe(true);
  expect(passes({ type: 'half' }, beer)).toBe(false);
  expect(passes({ tapId: 0 }, beer)).toBe(false);
  expect(passes({ to: '2026-01-02T03:00:00Z' }, beer)).toBe(false);
  expect(passes({ from: '2026-01-02T03:00:00.001Z' }, beer)).toBe(false);
});
