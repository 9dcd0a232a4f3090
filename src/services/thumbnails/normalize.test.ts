import { expect, test } from 'vitest';
import { normalize } from './normalize.ts';

test.each([
  ['no size at all', {}, [{ width: 100, height: 100, fit: 'cover' }]],
  ['a fit alone', { fit: 'inside' }, [{ width: 100, height: 100, fit: 'inside' }]],
  ['one side alone', { width: 40 }, [{ width: 40, fit: 'cover' }]],
  ['one side and a fit', { height: 40, fit: 'contain' }, [{ height: 40, fit: 'contain' }]],
  ['both sides and a fit', { width: 1, height: 2, fit: 'smart' }, [{ width: 1, height: 2, fit: 'smart' }]],
  ['to enlarge alone', { enlarge: true }, [{ width: 100, height: 100, fit: 'cover', enlarge: true }]],
  ['a list', { sizes: [{ width: 7, fit: 'cover' }] }, [{ width: 7, fit: 'cover' }]],
])('%s becomes a list of sizes, and other options stay', (_what, given, sizes) => {
  expect(normalize({ quality: 3, ...given })).toEqual({ quality: 3, sizes });
});

test('a list of sizes and a size beside it are refused, field by field', () => {
  expect(normalize({ sizes: [{ width: 1, fit: 'cover' }], width: 2, fit: 'cover' })).toEqual([
    { pointer: '#/options/width', detail: expect.stringContaining('leave `sizes` out') },
    { pointer: '#/options/fit', detail: expect.stringContaining('leave `sizes` out') },
  ]);
});
