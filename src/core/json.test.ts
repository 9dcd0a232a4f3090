import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson, type Json } from './json.ts';

test('members stand in the order of their names, at every depth, and lists keep theirs', () => {
  expect(canonicalJson({ b: 1, a: [{ d: 2, c: 3 }, 'x'], B: null })).toBe('{"B":null,"a":[{"c":3,"d":2},"x"],"b":1}');
});

/** The same value with the members of every object in the opposite order. */
function turned(value: Json): Json {
  if (Array.isArray(value)) return value.map(turned);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, member]) => [name, turned(member)]),
  );
}

const names = fc.string().filter((name) => name !== '__proto__');
const { value: values } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.string(),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(names, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

test('equal values give equal text, whatever the order of their members', () => {
  fc.assert(fc.property(values, (value) => canonicalJson(turned(value)) === canonicalJson(value)));
});

test('the text means the same value', () => {
  fc.assert(
    fc.property(values, (value) => isDeepStrictEqual(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value)))),
  );
});
