import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseStrictJson, parseStrictJsonText } from './strict-json.ts';

test('every JSON document without reserved names is parsed as JSON.parse does', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 5 }), fc.constantFrom(undefined, 1, '\t'), (text, space) => {
      fc.pre(!/__proto__|constructor|prototype/.test(text));
      const document = JSON.stringify(JSON.parse(text), null, space);
      expect(parseStrictJson(Buffer.from(document))).toEqual(JSON.parse(document));
    }),
  );
});

describe('what two readers could read in two ways is refused', () => {
  test.each([
    ['a name twice', '{"a":1,"a":2}'],
    ['a name twice, once escaped', '{"a":1,"\\u0061":2}'],
    ['a reserved name, escaped', '{"\\u005f_proto__":1}'],
    ['a name twice, deep inside', '[{"b":[{"a":1, "a" :2}]}]'],
    ['half a surrogate pair', '["\\ud83d"]'],
    ['halves in the wrong order', '["\\ude00\\ud83d"]'],
    ['a number too large', '[-1e999]'],
    ['a very long number', `[${'9'.repeat(400)}]`],
    ['65 levels', '['.repeat(65) + ']'.repeat(65)],
    ['nothing', ''],
    ['two values', '1 2'],
    ['a string without end', '{"a'],
    ['a comment', '{/* */}'],
    ['NaN', 'NaN'],
  ])('%s', (_name, text) => expect(() => parseStrictJsonText(text)).toThrow(expect.objectContaining({ code: 'malformed-json' })));
});

test('a whole surrogate pair, escaped backslashes and the same name in two objects are taken', () => {
  expect(parseStrictJsonText('[{"a":"\\ud83d\\ude00"},{"a":"\\\\ud83d \\" \\\\"}]')).toEqual([
    { a: '😀' },
    { a: '\\ud83d " \\' },
  ]);
});

test('bytes that are not UTF-8 are refused', () => {
  expect(() => parseStrictJson(Buffer.from([0x22, 0xff, 0x22]))).toThrow(expect.objectContaining({ code: 'malformed-json' }));
});
