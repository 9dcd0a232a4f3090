import type { Json } from '../core/json.ts';
import { parseStrictJsonText } from './intake/strict-json.ts';

const number = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

/**
 * What the text of a query or form field means for a schema: a number, a switch, a list (`eng,deu`, or JSON), an object (JSON),
 * else the text itself. Whether the value is allowed is for the strict check of the schema to say.
 */
export function valueFromText(text: string, schema: unknown): Json {
  const types = typesOf(schema);
  if ((types.has('number') || types.has('integer')) && number.test(text)) return Number(text);
  if (types.has('boolean') && (text === 'true' || text === 'false')) return text === 'true';
  if (types.has('null') && text === 'null') return null;
  if (types.has('object') && text.startsWith('{')) return parseStrictJsonText(text);
  if (types.has('array'))
    return text.startsWith('[')
      ? parseStrictJsonText(text)
      : text.split(',').map((each) => valueFromText(each.trim(), itemsOf(schema)));
  return text;
}

/** The schema of a member of an object schema; undefined where it has none of that name. */
export function memberSchema(schema: unknown, name: string): unknown {
  const properties = isRecord(schema) ? schema.properties : undefined;
  return isRecord(properties) && Object.hasOwn(properties, name) ? properties[name] : undefined;
}

/** Whether a schema takes lists, so that a form field may come several times. */
export function takesList(schema: unknown): boolean {
  return typesOf(schema).has('array');
}

/** Every JSON type that a value of the schema may have. */
function typesOf(schema: unknown): Set<string> {
  if (!isRecord(schema)) return new Set();
  const own = [schema.type].flat().filter((type) => typeof type === 'string');
  const constants = [schema.const, ...(Array.isArray(schema.enum) ? schema.enum : [])].filter((value) => value !== undefined);
  const branches = [schema.anyOf, schema.oneOf, schema.allOf].flatMap((list) => (Array.isArray(list) ? list : []));
  return new Set([...own, ...constants.map(typeOfConstant), ...branches.flatMap((branch) => [...typesOf(branch)])]);
}

function typeOfConstant(value: unknown): string {
  return value === null ? 'null' : typeof value;
}

function itemsOf(schema: unknown): unknown {
  if (!isRecord(schema)) return undefined;
  if (schema.items !== undefined) return schema.items;
  return [schema.anyOf, schema.oneOf]
    .flatMap((list) => (Array.isArray(list) ? list : []))
    .map(itemsOf)
    .find((items) => items !== undefined);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
