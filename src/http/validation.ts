import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { type FieldError, ServiceError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';

const errorsMax = 20;

/** Formats are words for the reader of a schema; what must hold is said by patterns. */
const formats = { 'date-time': true, uuid: true, uri: true, byte: true, moment: true, 'file-name': true } as const;
const options = {
  allErrors: true,
  strict: true,
  strictTypes: false,
  strictTuples: false,
  strictRequired: false,
  formats,
  useDefaults: true,
} as const;

/** What schemas say to whoever makes a form of them; nothing is checked by it. */
const formWords = ['x-form', 'x-default', 'x-help'];

/** For JSON: nothing is converted and nothing is dropped. */
const strict = new Ajv(options).addVocabulary(formWords);

/** Checks a value and fills in defaults; throws `validation-error` with what is wrong with each field. */
export type Check = (value: unknown, pointer?: string) => void;

export function compileStrict(schema: object): Check {
  return checkWith(strict.compile(schema));
}

function checkWith(validate: ValidateFunction): Check {
  return (value, pointer = '#') => {
    if (validate(value)) return;
    throw invalidFields(fieldErrors(validate.errors ?? [], pointer));
  };
}

export function invalidFields(fields: readonly FieldError[]): ServiceError {
  const [first] = fields;
  const detail =
    first === undefined
      ? 'Some fields are not valid.'
      : `${first.pointer}${sentence(first.detail)}${fields.length > 1 ? `, and ${fields.length - 1} more` : ''}.`;
  return new ServiceError('validation-error', detail, { fields });
}

/** Most details go on from the pointer ("is not known"); some are sentences of their own. */
function sentence(detail: string): string {
  return `${/^[A-Z]/.test(detail) ? ': ' : ' '}${detail.replace(/\.$/, '')}`;
}

/** Throws for the first field of an object that has a member which is not in the list. */
export function refuseUnknown(value: JsonObject, known: readonly string[], pointer = '#'): void {
  const unknown = Object.keys(value).filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  throw invalidFields(
    unknown.slice(0, errorsMax).map((name) => ({ pointer: `${pointer}/${escapePointer(name)}`, detail: 'is not known' })),
  );
}

/** A member name inside a JSON pointer (RFC 6901). */
export function escapePointer(name: string): string {
  return encodeURI(
    name
      .slice(0, 100)
      .replaceAll('~', '~0')
      .replaceAll('/', '~1')
      .replace(/\p{Surrogate}/gu, '_'),
  );
}

function fieldErrors(errors: readonly ErrorObject[], pointer: string): FieldError[] {
  const fields = new Map<string, FieldError>();
  for (const error of errors) {
    const field = fieldError(error, pointer);
    const key = `${field.pointer} ${field.detail}`;
    if (!fields.has(key)) fields.set(key, field);
    if (fields.size >= errorsMax) break;
  }
  return [...fields.values()];
}

function fieldError({ instancePath, keyword, params, message }: ErrorObject, pointer: string): FieldError {
  const at = `${pointer}${encodeURI(instancePath)}`;
  switch (keyword) {
    case 'additionalProperties':
      return { pointer: `${at}/${escapePointer(String(params.additionalProperty))}`, detail: 'is not known' };
    case 'required':
      return { pointer: `${at}/${escapePointer(String(params.missingProperty))}`, detail: 'is required' };
    case 'enum':
      return { pointer: at, detail: `must be one of ${allowedValues(params.allowedValues)}` };
    case 'oneOf':
      if (params.passingSchemas !== null) return { pointer: at, detail: 'has more than one of the possible forms' };
      return { pointer: at, detail: 'has none of the possible forms' };
    case 'anyOf':
      return { pointer: at, detail: 'has none of the possible forms' };
    default:
      return { pointer: at, detail: message ?? 'is not valid' };
  }
}

function allowedValues(values: unknown): string {
  return Array.isArray(values) ? values.map(String).join(', ') : 'the allowed values';
}
