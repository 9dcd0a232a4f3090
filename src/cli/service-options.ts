import type { Json, JsonObject } from '../core/json.ts';
import { messageOf } from '../core/message-of.ts';
import { nearestName } from '../core/nearest-name.ts';
import { UsageError } from './usage-error.ts';

/** An option as the JSON Schema of its service describes it, as far as a command line needs to know. */
interface OptionShape {
  readonly types: ReadonlySet<string>;
  /** The types of the members where it may be a list. */
  readonly memberTypes: ReadonlySet<string>;
}

/** What was written behind the flags that the command knows: the file, and the options of the service. */
export interface SubmitWords {
  readonly operands: readonly string[];
  readonly options: JsonObject;
}

/**
 * Reads `photo.jpg --width 200 --sizes '[{"width":64}]' --animated` by the option schema of the service. A name is written as in the
 * schema or with dashes (`--join-pages`); a switch needs no value, `--no-x` is false; a list is JSON or its members with commas.
 * Throws `UsageError` for an option that the service does not have or a value that is none of its types.
 */
export function readSubmitWords(words: readonly string[], service: string, schema: unknown): SubmitWords {
  const shapes = optionShapes(schema);
  const operands: string[] = [];
  const options: JsonObject = {};
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (!word.startsWith('--')) {
      if (word.startsWith('-') && word !== '-') throw new UsageError(`There is no flag ${word}.`);
      operands.push(word);
      continue;
    }
    const [, flag = '', inline] = /^--([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
    const { name, shape, negated } = optionOf(flag, service, shapes);
    if (Object.hasOwn(options, name)) throw new UsageError(`--${flag} is given twice.`);
    const standsAlone = inline === undefined && (negated || isSwitch(shape, words[at + 1]));
    if (negated && inline !== undefined) throw new UsageError(`--${flag} takes no value.`);
    const text = inline ?? (standsAlone ? String(!negated) : words[++at]);
    if (text === undefined) throw new UsageError(`--${flag} needs a value.`);
    options[name] = optionValue(flag, text, shape);
  }
  return { operands, options };
}

function optionOf(flag: string, service: string, shapes: ReadonlyMap<string, OptionShape>) {
  const negated = flag.startsWith('no-');
  for (const candidate of [flag, ...(negated ? [flag.slice(3)] : [])]) {
    const name = [...shapes.keys()].find((one) => one === candidate || dashed(one) === candidate);
    const shape = name === undefined ? undefined : shapes.get(name);
    if (name !== undefined && shape !== undefined && (candidate === flag || shape.types.has('boolean'))) {
      return { name, shape, negated: candidate !== flag };
    }
  }
  const near = nearestName(flag, shapes.keys());
  const known = [...shapes.keys()].map((name) => `--${name}`).join(', ') || 'none';
  throw new UsageError(
    `The service ${service} has no option --${flag}.${near === null ? '' : ` Did you mean --${near}?`} Its options are ${known}.`,
  );
}

function isSwitch(shape: OptionShape, next: string | undefined): boolean {
  return shape.types.has('boolean') && next !== 'true' && next !== 'false';
}

function optionValue(flag: string, text: string, { types, memberTypes }: OptionShape): Json {
  const mayBeList = types.has('array');
  if (!mayBeList && !types.has('object')) return scalarOf(flag, text, types);
  const plain = mayBeList && !/^\s*[[{]/.test(text) && !memberTypes.has('object');
  return plain ? text.split(',').map((member) => scalarOf(flag, member.trim(), memberTypes)) : jsonOf(flag, text);
}

/** What people call the types of JSON. */
const typeWords: Readonly<Record<string, string>> = {
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
};

function scalarOf(flag: string, text: string, types: ReadonlySet<string>): Json {
  if (types.has('boolean') && (text === 'true' || text === 'false')) return text === 'true';
  if ((types.has('number') || types.has('integer')) && /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text)) return Number(text);
  if (types.has('null') && text === 'null') return null;
  if (types.has('string')) return text;
  throw new UsageError(`--${flag} must be ${[...types].map((type) => typeWords[type] ?? type).join(' or ')}, not "${text}".`);
}

function jsonOf(flag: string, text: string): Json {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`--${flag} must be JSON, such as '[{"width":64}]' (${messageOf(error)}).`);
  }
  if (typeof value !== 'object' || value === null)
    throw new UsageError(`--${flag} must be a list or an object as JSON, such as '[{"width":64}]'.`);
  // What JSON.parse gives is JSON.
  return value as Json;
}

function dashed(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function optionShapes(schema: unknown): Map<string, OptionShape> {
  const properties = isRecord(schema) && isRecord(schema.properties) ? schema.properties : {};
  return new Map(
    Object.entries(properties).map(([name, property]) => [
      name,
      { types: typesOf(property), memberTypes: memberTypesOf(property) },
    ]),
  );
}

function memberTypesOf(schema: unknown): Set<string> {
  if (!isRecord(schema)) return new Set();
  if ('items' in schema) return typesOf(schema.items);
  return new Set(alternativesOf(schema)?.flatMap((one: unknown) => [...memberTypesOf(one)]));
}

function alternativesOf(schema: Record<string, unknown>): unknown[] | undefined {
  return [schema.anyOf, schema.oneOf].find(Array.isArray);
}

/** All JSON types that a schema lets through, as far as it says. */
function typesOf(schema: unknown): Set<string> {
  if (!isRecord(schema)) return new Set(['string']);
  if (schema.type !== undefined) return new Set([schema.type].flat().map(String));
  if (Array.isArray(schema.enum)) return new Set(schema.enum.map(jsonType));
  if ('const' in schema) return new Set([jsonType(schema.const)]);
  const alternatives = alternativesOf(schema);
  return new Set(alternatives?.flatMap((one: unknown) => [...typesOf(one)]) ?? ['string']);
}

function jsonType(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
