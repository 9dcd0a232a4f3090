import { expect, test } from 'vitest';
import { nearestName } from './nearest-name.ts';

const names = ['port', 'host', 'public-url', 'upload-bytes-max', 'width'];

test.each([
  ['prot', 'port'],
  ['PORT', 'port'],
  ['publicurl', 'public-url'],
  ['upload-byte-max', 'upload-bytes-max'],
  ['widht', 'width'],
])('%s is taken for a misspelling of %s', (text, name) => {
  expect(nearestName(text, names)).toBe(name);
});

test.each(['', 'zebra', 'a-very-long-name-of-nothing'])('%j is near to none', (text) => {
  expect(nearestName(text, names)).toBeNull();
});
