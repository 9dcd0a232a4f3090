import fc, { type Arbitrary } from 'fast-check';
import type { ApiDescription, JsonSchema } from './api-description.ts';

/** Makes values of a schema. `name` is that of the member, parameter or format that is to be filled. */
export interface Meanings {
  /** What a schema cannot say: values by the name of the member, or else by the format of the text. */
  readonly byName: Readonly<Record<string, Arbitrary<unknown>>>;
  readonly byFormat: Readonly<Record<string, Arbitrary<unknown>>>;
}

/** Long enough to reach limits, short enough that thousands of values are made in a moment. */
const lengthMax = 300;
const itemsMax = 4;

/** Values that fit a schema, small and at its edges. */
export function validOf(api: ApiDescription, schema: JsonSchema, meanings: Meanings): Arbitrary<unknown> {
  const fits = api.accepts(schema);
  return arbitraryOf(api, schema, meanings).filter(fits);
}

/** Values that nearly fit a schema, and do not; null where everything fits. */
export function invalidOf(api: ApiDescription, schema: JsonSchema, meanings: Meanings): Arbitrary<unknown> {
  const fits = api.accepts(schema);
  const nearly = fc.tuple(arbitraryOf(api, schema, meanings), fc.array(fc.nat(), { minLength: 6, maxLength: 6 }), anything);
  return fc
    .oneof(
      { weight: 9, arbitrary: nearly.map(([value, choices, other]) => spoiled(value, choices, other)) },
      { weight: 1, arbitrary: anything },
    )
    .filter((value) => !fits(value));
}

/** Any JSON, without what no JSON text may have here: reserved names and half characters. */
const anyText = fc.string({ unit: 'binary', maxLength: 20 });
const anyKey = anyText.filter(isPlainKey);
const { anything } = fc.letrec<{ anything: unknown }>((tie) => ({
  anything: fc.oneof(
    { depthSize: 'small' },
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    anyText,
    fc.array(tie('anything'), { maxLength: 3 }),
    fc.dictionary(anyKey, tie('anything'), { maxKeys: 3, noNullPrototype: true }),
  ),
}));

function arbitraryOf(api: ApiDescription, written: JsonSchema, meanings: Meanings, name = ''): Arbitrary<unknown> {
  const schema = api.resolve(written);
  const meaning = meanings.byName[name];
  if (meaning !== undefined && schema.anyOf === undefined) return meaning;
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const branches = schema.anyOf ?? schema.oneOf;
  if (branches !== undefined) {
    const { anyOf: _any, oneOf: _one, ...base } = schema;
    return fc.oneof(...branches.map((branch) => arbitraryOf(api, merged(base, api.resolve(branch)), meanings, name)));
  }
  switch (schema.type) {
    case 'object':
      return objectOf(api, schema, meanings);
    case 'array':
      return fc.array(arbitraryOf(api, schema.items ?? {}, meanings, name), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.max(schema.minItems ?? 0, Math.min(schema.maxItems ?? itemsMax, itemsMax)),
      });
    case 'string':
      return textOf(schema, meanings);
    case 'integer':
      return fc.integer({ min: schema.minimum ?? -(2 ** 31), max: schema.maximum ?? 2 ** 31 });
    case 'number':
      return fc.double({ min: schema.minimum ?? -1e9, max: schema.maximum ?? 1e9, noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      return anything;
  }
}

/** A branch tells more about the same value. */
function merged(base: JsonSchema, branch: JsonSchema): JsonSchema {
  return {
    ...branch,
    ...base,
    required: [...(base.required ?? []), ...(branch.required ?? [])],
    properties: { ...branch.properties, ...base.properties },
  };
}

function objectOf(api: ApiDescription, schema: JsonSchema, meanings: Meanings): Arbitrary<unknown> {
  const { properties = {}, patternProperties = {}, additionalProperties, required = [], maxProperties } = schema;
  const members = Object.fromEntries(
    Object.entries(properties).map(([name, member]) => [
      name,
      arbitraryOf(api, typeof member === 'boolean' ? {} : member, meanings, name),
    ]),
  );
  const known = fc.record(members, { requiredKeys: [...required], noNullPrototype: true });
  const free = Object.entries(patternProperties).map(([pattern, member]) =>
    fc.dictionary(
      fc.stringMatching(new RegExp(pattern, 'u'), { maxLength: 40 }).filter(isPlainKey),
      arbitraryOf(api, member, meanings),
      { maxKeys: Math.min(maxProperties ?? 3, 3), noNullPrototype: true },
    ),
  );
  if (typeof additionalProperties === 'object')
    free.push(fc.dictionary(anyKey, arbitraryOf(api, additionalProperties, meanings), { maxKeys: 2, noNullPrototype: true }));
  return fc.tuple(known, ...free).map((parts) => Object.assign({}, ...parts));
}

function isPlainKey(key: string): boolean {
  return !['__proto__', 'constructor', 'prototype'].includes(key) && !/\p{Surrogate}/u.test(key);
}

function textOf({ format = '', pattern, minLength = 0, maxLength }: JsonSchema, meanings: Meanings): Arbitrary<unknown> {
  const meaning = meanings.byFormat[format];
  if (meaning !== undefined) return meaning;
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern, 'u'), { maxLength: lengthMax });
  const plain = fc.string({ minLength, maxLength: Math.min(maxLength ?? 40, 40) });
  const wide = fc.string({ unit: 'binary', minLength, maxLength: Math.min(maxLength ?? 20, 20) });
  const edge = maxLength === undefined || maxLength > lengthMax ? [] : [fc.constant('x'.repeat(maxLength))];
  return fc.oneof(plain, wide, ...edge);
}

/** The value with one thing wrong somewhere in it; `choices` say where and what. */
function spoiled(value: unknown, choices: readonly number[], other: unknown): unknown {
  const [into = 0, which = 0, how = 0, ...rest] = choices;
  if (typeof value === 'object' && value !== null && into % 4 !== 0) {
    const keys = Object.keys(value);
    const key = keys[which % Math.max(1, keys.length)];
    if (key !== undefined) {
      const member = spoiled(Reflect.get(value, key), [...rest, into >> 2, which >> 3, how >> 3], other);
      return Array.isArray(value) ? value.with(Number(key), member) : { ...value, [key]: member };
    }
  }
  if (typeof value === 'number') return [value + 0.5, value + 1e6, -value - 1e6, String(value), other][how % 5];
  if (typeof value === 'string') return [value + 'x'.repeat(10_000), `${value}\u0000`, '', value.length, other][how % 5];
  if (Array.isArray(value)) return [[], [...value, other], Array(10_001).fill('x'), { ...value }, other][how % 5];
  if (typeof value === 'object' && value !== null) return spoiledObject(value, which, how, other);
  return other;
}

function spoiledObject(value: object, which: number, how: number, other: unknown): unknown {
  const keys = Object.keys(value);
  const dropped = keys[which % Math.max(1, keys.length)];
  return [
    Object.fromEntries(Object.entries(value).filter(([key]) => key !== dropped)),
    { ...value, notKnown: other },
    [value],
    { ...value, ...(dropped === undefined ? {} : { [dropped.toUpperCase()]: other }) },
    other,
  ][how % 5];
}
