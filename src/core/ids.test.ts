import { v4 } from 'uuid';
import { expect, test } from 'vitest';
import { isId, newId } from './ids.ts';

test('ids that are made one after the other sort in that order and are all different', () => {
  const ids = Array.from({ length: 5_000 }, newId);
  expect(ids.toSorted()).toEqual(ids);
  expect(new Set(ids).size).toBe(ids.length);
});

test('a new id is spelled like an id', () => {
  expect(isId(newId())).toBe(true);
});

test.each([
  '',
  'x',
  v4(),
  '../../etc/passwd',
  `${newId()} `,
  `${newId()}\n`,
  newId().slice(1),
  `{${newId()}}`,
  newId().replaceAll('-', ''),
])('%j is no id of ours', (text) => {
  expect(isId(text)).toBe(false);
});
