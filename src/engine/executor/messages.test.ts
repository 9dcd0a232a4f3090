import { describe, expect, it } from 'vitest';
import { newId } from '../../core/ids.ts';
import { limits } from '../../core/limits.ts';
import { cutText, parseFromExecutor } from './messages.ts';

const output = () => ({ id: newId(), name: 'a.png', mediaType: 'image/png' });
const end = (outcome: object) => () => parseFromExecutor(JSON.stringify({ type: 'end', run: 1, end: outcome }));
const done = (outputs: unknown, result: unknown = {}) => end({ kind: 'done', result, outputs });

describe('a message of an executor', () => {
  it('is taken with what belongs to it and without anything else', () => {
    const one = output();
    expect(done([{ ...one, path: '/etc/passwd' }])()).toEqual({
      type: 'end',
      run: 1,
      end: { kind: 'done', result: {}, outputs: [one] },
      goesOn: false,
    });
    expect(end({ kind: 'retryLater', code: 'service-unavailable', detail: 'Later.', afterMs: 1e15 })()).toMatchObject({
      end: { afterMs: limits.runAtAheadMsMax },
    });
  });

  it('is refused where an output is not as it must be', () => {
    const one = output();
    expect(done([one, one])).toThrow('same id');
    expect(done([{ ...one, id: '../../../etc/passwd' }])).toThrow('none of ours');
    for (const name of ['', 'a/b', '..\\b', 'a\u0000b', 'a\nb', 'x'.repeat(256), 7])
      expect(done([{ ...one, name }])).toThrow('name of an output');
    for (const mediaType of ['', 'image', 'text/html; charset=x', 'a/b\n'])
      expect(done([{ ...one, mediaType }])).toThrow('media type');
    expect(done(Array.from({ length: limits.outputsMax + 1 }, output))).toThrow('no list');
    expect(done(undefined)).toThrow('no list');
  });

  it('is refused where the result or the outcome is not as it must be', () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const line = `{"type":"end","run":1,"end":{"kind":"done","outputs":[],"result":{"deep":${deep}}}}`;
    expect(() => parseFromExecutor(line)).toThrow('nested deeper');
    for (const result of [null, [], 'text', 1]) expect(done([], result)).toThrow('no object');
    expect(end({ kind: 'rejected', code: 'no-such-code', detail: '' })).toThrow('error code');
    expect(end({ kind: 'rejected', code: '__proto__', detail: '' })).toThrow('error code');
    expect(end({ kind: 'retryLater', code: 'internal-error', detail: '', afterMs: -1 })).toThrow('afterMs');
    expect(end({ kind: 'aborted' })).toThrow('unknown');
  });
});

describe('a text that is cut', () => {
  it('keeps whole characters', () => {
    expect(cutText('abc', 3)).toBe('abc');
    expect(cutText('ab\u{1f600}', 3)).toBe('ab');
  });
});
