import { expect, test } from 'vitest';
import { UsageError } from '../usage-error.ts';
import { readTapFlags } from './tap-flags.ts';

const plain = { id: '7', every: '3s', volume: '100-1000' };
const env = { XDG_STATE_HOME: '/state' };

test('a tap keeps its pours in a file of its own for each server', () => {
  expect(readTapFlags(plain, env)).toEqual({
    id: 7,
    server: 'http://127.0.0.1:8080',
    everyMs: 3_000,
    volume: { least: 100, most: 1_000 },
    count: null,
    keep: '/state/coatcheck/tap-7-127.0.0.1_8080.pours',
    json: false,
  });
  expect(readTapFlags({ ...plain, server: 'https://bar.example/beers/' }, env).keep).toBe(
    '/state/coatcheck/tap-7-bar.example_beers.pours',
  );
});

test('flags and the environment say where, how often and how much', () => {
  const flags = { id: '0', every: '250ms', volume: '330', count: '12', keep: '/var/tap', json: true };
  expect(readTapFlags(flags, { COATCHECK_SERVER: 'http://bar:80' })).toEqual({
    id: 0,
    server: 'http://bar:80',
    everyMs: 250,
    volume: { least: 330, most: 330 },
    count: 12,
    keep: '/var/tap',
    json: true,
  });
});

test.each([
  [{ id: '-1' }, '--id'],
  [{ id: '1e3' }, '--id'],
  [{ id: '99999999999999999999' }, '--id'],
  [{ every: '3' }, '--every'],
  [{ every: '0s' }, '--every'],
  [{ volume: '900-100' }, '--volume'],
  [{ volume: 'much' }, '--volume'],
  [{ count: '0' }, '--count'],
])('what is written wrongly is told: %j', (wrong, flag) => {
  expect(() => readTapFlags({ ...plain, ...wrong }, env)).toThrow(UsageError);
  expect(() => readTapFlags({ ...plain, ...wrong }, env)).toThrow(flag);
});
