import { expect, test } from 'vitest';
import { formatBytes, parseBytes } from './byte-sizes.ts';

test.each([
  ['0', 0],
  ['4096', 4096],
  ['17 bytes', 17],
  ['1k', 1024],
  ['500MB', 500 * 1024 ** 2],
  ['1.5 GiB', 1.5 * 1024 ** 3],
  ['2GB', 2 * 1024 ** 3],
  ['1tb', 1024 ** 4],
])('the size %s is %d bytes', (text, bytes) => {
  expect(parseBytes(text)).toBe(bytes);
});

test.each(['', 'MB', '-1', '1e9', '5 parsecs', '0x10', '999999999999999TB', '1..5'])('%j is no size', (text) => {
  expect(parseBytes(text)).toBeNull();
});

test.each([
  [0, '0 bytes'],
  [999, '999 bytes'],
  [1000, '0.98 KB'],
  [1024, '1 KB'],
  [104_331, '102 KB'],
  [1.5 * 1024 ** 3, '1.5 GB'],
  [1023.9 * 1024 ** 2, '1 GB'],
])('%d bytes are shown as %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});
