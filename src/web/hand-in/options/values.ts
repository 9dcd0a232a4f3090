import type { Json, JsonObject } from '../../../core/json.ts';
import type { Field } from './fields.ts';

/** What is set, by the names of the fields; null where nothing is. */
export type Values = Readonly<Record<string, Json>>;
/** What is wrong, by the place of the field: `sizes/0/width`. */
export type FieldErrors = ReadonlyMap<string, string>;

/** Every field as it stands before anybody touches it, but for what is given and still fits. */
export function startValues(fields: readonly Field[], given: JsonObject = {}): Values {
  return Object.fromEntries(
    fields.map((field) => {
      const value = given[field.name];
      return [field.name, value !== undefined && fits(field, value) ? value : startOf(field)];
    }),
  );
}

function startOf(field: Field): Json {
  if (field.fallback !== null) return field.fallback;
  if (field.kind === 'switch') return false;
  return field.kind === 'several' || field.kind === 'languages' || field.kind === 'rows' ? [] : null;
}

/** What has to be sent: all that the service would not take by itself. */
export function givenValues(fields: readonly Field[], values: Values): JsonObject {
  const given: JsonObject = {};
  for (const field of fields) {
    const value = spelled(field, values[field.name] ?? null);
    if (value !== null && !same(value, spelled(field, startOf(field)))) given[field.name] = value;
  }
  return given;
}

/** Empty fields of rows are left out; an empty list is nothing. */
function spelled(field: Field, value: Json): Json {
  if (value === '') return null;
  if (!Array.isArray(value)) return value;
  if (value.length === 0) return null;
  return field.kind === 'rows' ? value.map(withoutEmpty) : value;
}

function withoutEmpty(row: Json): Json {
  if (!isObject(row)) return row;
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null && value !== ''));
}

/** What the server would refuse, as far as it can be told here. */
export function errorsOf(fields: readonly Field[], values: Values, before = ''): Map<string, string> {
  const errors = new Map<string, string>();
  for (const field of fields) {
    const place = `${before}${field.name}`;
    const value = values[field.name] ?? null;
    const wrong = errorOf(field, value);
    if (wrong !== null) errors.set(place, wrong);
    if (field.kind !== 'rows' || !Array.isArray(value)) continue;
    value.forEach((row, at) => {
      if (!isObject(row)) return;
      for (const [inner, text] of errorsOf(field.fields, row, `${place}/${at}/`)) errors.set(inner, text);
    });
  }
  return errors;
}

function errorOf(field: Field, value: Json): string | null {
  if (value === null || value === '') return null;
  if (field.kind === 'number') return numberError(field, value);
  if (field.kind === 'text' && field.pattern !== null && !new RegExp(field.pattern, 'u').test(String(value)))
    return field.example === null ? 'This is not written as it should be.' : `Write it like ${field.example}.`;
  const needsOne = field.kind === 'several' || field.kind === 'languages' || field.kind === 'rows';
  return needsOne && Array.isArray(value) && value.length === 0 && field.fallback !== null ? 'Choose at least one.' : null;
}

function numberError({ least, most, whole }: Extract<Field, { kind: 'number' }>, value: Json): string | null {
  if (typeof value !== 'number') return 'Write a number.';
  if (whole && !Number.isInteger(value)) return 'Write a whole number.';
  const isIn = (least === null || value >= least) && (most === null || value <= most);
  if (isIn) return null;
  if (least === null) return `At most ${most}.`;
  return most === null ? `At least ${least}.` : `From ${least} to ${most}.`;
}

/** Whether a value that was kept from another day can still be set. */
function fits(field: Field, value: Json): boolean {
  switch (field.kind) {
    case 'switch':
      return typeof value === 'boolean';
    case 'number':
      return numberError(field, value) === null;
    case 'text':
      return typeof value === 'string' && errorOf(field, value) === null;
    case 'choice':
      return typeof value === 'string' && field.values.includes(value);
    case 'several':
    case 'languages':
      return Array.isArray(value) && value.length > 0 && value.every((each) => field.values.includes(String(each)));
    case 'rows':
      return Array.isArray(value) && value.length > 0 && value.every((row) => isObject(row) && rowFits(field.fields, row));
  }
}

function rowFits(fields: readonly Field[], row: JsonObject): boolean {
  return Object.entries(row).every(([name, value]) => {
    const field = fields.find((each) => each.name === name);
    return field !== undefined && fits(field, value);
  });
}

export function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Both are made in the order of the schema. */
function same(one: Json, other: Json): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
