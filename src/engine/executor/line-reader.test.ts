import { describe, expect, it } from 'vitest';
import { LineReader } from './line-reader.ts';

describe('a line reader', () => {
  it('finds the same lines however the bytes are cut', () => {
    const bytes = Buffer.from('first\nsecond with \u00e4\u20ac\n\nfourth\nrest');
    for (let size = 1; size <= bytes.length; size += 1) {
      const reader = new LineReader(100);
      const lines: string[] = [];
      for (let at = 0; at < bytes.length; at += size) lines.push(...reader.push(bytes.subarray(at, at + size)));
      expect(lines).toEqual(['first', 'second with \u00e4\u20ac', '', 'fourth']);
    }
  });

  it('refuses a line that is too long, whole or in parts, and takes one of just the size', () => {
    expect(new LineReader(5).push(Buffer.from('12345\n'))).toEqual(['12345']);
    expect(() => new LineReader(5).push(Buffer.from('123456\n'))).toThrow(RangeError);
    const reader = new LineReader(5);
    reader.push(Buffer.from('123'));
    expect(() => reader.push(Buffer.from('456'))).toThrow(RangeError);
  });
});
