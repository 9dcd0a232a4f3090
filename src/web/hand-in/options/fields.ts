import type { ServiceView } from '../../../client/client.ts';
import type { Json } from '../../../core/json.ts';

interface Common {
  readonly name: string;
  readonly title: string;
  /** What it means; code stands in backticks. */
  readonly help: string;
  /** Folded away. */
  readonly advanced: boolean;
  /** What the service takes where nothing is sent; null where that is nothing. */
  readonly fallback: Json;
}

/** One option of a service, as a person sets it. */
export type Field =
  | (Common & { readonly kind: 'choice'; readonly values: readonly string[] })
  | (Common & { readonly kind: 'switch' })
  | (Common & { readonly kind: 'number'; readonly least: number | null; readonly most: number | null; readonly whole: boolean })
  | (Common & { readonly kind: 'text'; readonly pattern: string | null; readonly example: string | null })
  /** Several of few; at least one. */
  | (Common & { readonly kind: 'several'; readonly values: readonly string[] })
  /** Several of many, in an order that counts. */
  | (Common & { readonly kind: 'languages'; readonly values: readonly string[]; readonly most: number })
  /** A list whose entries have fields of their own. */
  | (Common & { readonly kind: 'rows'; readonly fields: readonly Field[]; readonly most: number });

type Schema = Readonly<Record<string, unknown>>;

/** The options of a service in the order of its contract. What the form has no way to show is left to programs. */
export function fieldsOf({
  options,
  languages = [],
  models = [],
}: Pick<ServiceView, 'options' | 'languages' | 'models'>): Field[] {
  return members(options, languages).map((field) =>
    field.name === 'model' && field.kind === 'text' && models.length > 0
      ? { ...common(field), kind: 'choice', values: models.map(({ id }) => id) }
      : field,
  );
}

function common({ name, title, help, advanced, fallback }: Common): Common {
  return { name, title, help, advanced, fallback };
}

function members(schema: Schema, languages: readonly string[]): Field[] {
  const properties = isSchema(schema.properties) ? schema.properties : {};
  return Object.entries(properties).flatMap(([name, member]) => {
    const field = isSchema(member) && member['x-form'] !== 'hidden' ? fieldOf(name, member, languages) : null;
    return field === null ? [] : [field];
  });
}

function fieldOf(name: string, schema: Schema, languages: readonly string[]): Field | null {
  const about: Common = {
    name,
    title: textOf(schema.title) ?? name,
    help: textOf(schema['x-help']) ?? textOf(schema.description) ?? '',
    advanced: schema['x-form'] === 'advanced',
    fallback: jsonOf(schema.default ?? schema['x-default']),
  };
  const values = textsOf(schema.enum);
  if (values.length > 0) return { ...about, kind: 'choice', values };
  switch (schema.type) {
    case 'boolean':
      return { ...about, kind: 'switch' };
    case 'integer':
    case 'number':
      return {
        ...about,
        kind: 'number',
        least: numberOf(schema.minimum),
        most: numberOf(schema.maximum),
        whole: schema.type === 'integer',
      };
    case 'string':
      return { ...about, kind: 'text', pattern: textOf(schema.pattern), example: textsOf(schema.examples)[0] ?? null };
    case 'array':
      return listOf(about, schema, languages);
    default:
      return null;
  }
}

function listOf(common: Common, schema: Schema, languages: readonly string[]): Field | null {
  const each = isSchema(schema.items) ? schema.items : {};
  const most = numberOf(schema.maxItems) ?? Number.POSITIVE_INFINITY;
  const values = textsOf(each.enum);
  if (values.length > 0) return { ...common, kind: 'several', values };
  if (common.name === 'language' && languages.length > 0) return { ...common, kind: 'languages', values: languages, most };
  if (each.type === 'object') return { ...common, kind: 'rows', fields: members(each, []), most };
  return null;
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

function jsonOf(value: unknown): Json {
  // What came as JSON is JSON.
  return value === undefined ? null : (value as Json);
}
