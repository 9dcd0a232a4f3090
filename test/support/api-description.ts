import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { RawAnswer } from './http-server.ts';

/** JSON Schema as far as the description uses it. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly pattern?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema | boolean>>;
  readonly patternProperties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly maxProperties?: number;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly schema?: JsonSchema;
  readonly content?: Readonly<Record<string, { readonly schema: JsonSchema }>>;
}

interface Header {
  readonly $ref?: string;
  readonly required?: boolean;
  readonly schema?: JsonSchema;
}

interface Response {
  readonly $ref?: string;
  readonly headers?: Readonly<Record<string, Header>>;
  readonly content?: Readonly<Record<string, { readonly schema: JsonSchema }>>;
}

export interface Operation {
  readonly operationId: string;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly required: boolean; readonly content: Readonly<Record<string, { schema: JsonSchema }>> };
  readonly responses: Readonly<Record<string, Response>>;
  /** Where it stands in the document. */
  readonly path: string;
  readonly method: string;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Omit<Operation, 'path' | 'method'>>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly headers: Readonly<Record<string, Header>>;
    readonly responses: Readonly<Record<string, Response>>;
  };
}

/** The description of the API, ready to ask and to be asked. */
export interface ApiDescription {
  readonly operations: readonly Operation[];
  readonly paths: ReadonlyMap<string, readonly string[]>;
  /** What an operation answers must be; gives what is wrong with it, nothing where all is well. */
  faultsOf(operation: Operation, answer: RawAnswer): string[];
  /** The same for an answer that is a problem on a path or with a method that there is not. */
  problemFaults(answer: RawAnswer, type: string): string[];
  /** Whether a value fits a schema of a request. */
  accepts(schema: JsonSchema): (value: unknown) => boolean;
  resolve(schema: JsonSchema): JsonSchema;
}

/** Those of HTTP itself, which the description need not tell. */
const transportHeaders = new Set(['content-type', 'content-length', 'transfer-encoding', 'connection', 'keep-alive', 'date']);

const dateTime = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;
const formats = {
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
  'date-time': (text: string) => dateTime.test(text) && !Number.isNaN(Date.parse(text)),
  moment: (text: string) => /^\d{1,9}(ms|s|m|h|d)$/.test(text) || (dateTime.test(text) && !Number.isNaN(Date.parse(text))),
  // What is left to meaning: not everything that fits is taken, and a test that makes such values knows which are.
  byte: true,
  binary: true,
  uri: true,
  'file-name': true,
} as const;

const problemSchema = { $ref: '#/components/schemas/Problem' };

export function readDescription(text: string): ApiDescription {
  const document: Document = JSON.parse(text);
  const ajv = new Ajv2020({ strict: false, allErrors: false, formats });
  const coercing = new Ajv2020({ strict: false, coerceTypes: true, formats });
  const root = { $id: 'openapi', components: { schemas: document.components.schemas } };
  const closedRoot = { $id: 'openapi', components: { schemas: closed(document.components.schemas) } };
  const requests = new Ajv2020({ strict: false, formats }).addSchema(root);
  ajv.addSchema(closedRoot);
  const compiled = new WeakMap<JsonSchema, ValidateFunction>();
  const compiledHeaders = new WeakMap<JsonSchema, ValidateFunction>();

  function validator(schema: JsonSchema): ValidateFunction {
    const known = compiled.get(schema) ?? ajv.compile(closed(pointed(schema)));
    compiled.set(schema, known);
    return known;
  }

  /** A header is text, whatever it tells. */
  function headerFits(schema: JsonSchema, value: unknown): boolean {
    const known = compiledHeaders.get(schema) ?? coercing.compile({ type: 'object', properties: { value: schema } });
    compiledHeaders.set(schema, known);
    return known({ value });
  }

  function responseOf({ responses }: Operation, status: number): Response | undefined {
    const response = responses[status];
    return response?.$ref === undefined ? response : document.components.responses[lastPart(response.$ref)];
  }

  function bodyFaults({ content }: Response, { headers, body }: RawAnswer): string[] {
    const type = headers['content-type']?.split(';', 1)[0];
    if (content === undefined) return body === '' && type === undefined ? [] : [`a body of type ${type} where none is described`];
    const media = type === undefined ? undefined : (content[type] ?? content['*/*']);
    if (media === undefined) return [`the media type ${type} is not described`];
    if (type === undefined || !/[/+]json$/.test(type) || content[type] === undefined) return [];
    return valueFaults(media.schema, JSON.parse(body), 'the body');
  }

  function valueFaults(schema: JsonSchema, value: unknown, what: string): string[] {
    const validate = validator(schema);
    return validate(value) ? [] : [`${what} is not as described: ${ajv.errorsText(validate.errors)}`];
  }

  function headerFaults(described: Readonly<Record<string, Header>>, { headers }: RawAnswer): string[] {
    const known = new Map(
      Object.entries(described).map(([name, header]) => [
        name.toLowerCase(),
        header.$ref === undefined ? header : document.components.headers[lastPart(header.$ref)],
      ]),
    );
    const missing = [...known].filter(([name, header]) => header?.required === true && headers[name] === undefined);
    const wrong = Object.entries(headers).filter(([name, value]) => {
      const schema = known.get(name)?.schema;
      return schema !== undefined && !headerFits(schema, value);
    });
    const unknown = Object.keys(headers).filter((name) => !known.has(name) && !transportHeaders.has(name));
    return [
      ...missing.map(([name]) => `the header ${name} is missing`),
      ...wrong.map(([name, value]) => `the header ${name} is ${value}`),
      ...unknown.map((name) => `the header ${name} is not described`),
    ];
  }

  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ ...operation, path, method: method.toUpperCase() })),
  );
  return {
    operations,
    paths: new Map(
      Object.entries(document.paths).map(([path, methods]) => [path, Object.keys(methods).map((each) => each.toUpperCase())]),
    ),
    faultsOf(operation, answer) {
      const response = responseOf(operation, answer.status);
      if (response === undefined) return [`the status ${answer.status} is not described: ${answer.body.slice(0, 300)}`];
      return [...headerFaults(response.headers ?? {}, answer), ...bodyFaults(response, answer)];
    },
    problemFaults({ status, headers, body }, type) {
      if (headers['content-type'] !== 'application/problem+json') return [`the media type is ${headers['content-type']}`];
      const problem = JSON.parse(body);
      return [
        ...valueFaults(problemSchema, problem, 'the body'),
        ...(problem.status === status ? [] : [`the problem says ${problem.status}, the answer ${status}`]),
        ...(problem.type === type ? [] : [`the problem is ${problem.type}`]),
      ];
    },
    accepts(schema) {
      const validate = requests.compile(pointed(schema));
      return (value) => validate(value) === true;
    },
    resolve: (schema) => (schema.$ref === undefined ? schema : (document.components.schemas[lastPart(schema.$ref)] ?? {})),
  };
}

function lastPart(ref: string): string {
  return ref.split('/').at(-1) ?? '';
}

/** References as from outside of the document. */
function pointed(schema: JsonSchema): JsonSchema {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"openapi#/components/'));
}

/**
 * The same schemas, with objects that have just the members that they tell: what is answered and not described is a fault, too.
 * Parts of an `allOf` are left open, since each of them tells a part.
 */
function closed<T>(schema: T, open = false): T {
  if (Array.isArray(schema)) return JSON.parse(JSON.stringify(schema.map((each) => closed(each, open))));
  if (typeof schema !== 'object' || schema === null) return schema;
  const members = Object.entries(schema).map(([name, value]) => [name, closed(value, name === 'allOf')]);
  const told = Object.hasOwn(schema, 'properties') && Object.hasOwn(schema, 'type');
  const isOpen = open || !told || ['additionalProperties', 'patternProperties'].some((name) => Object.hasOwn(schema, name));
  return { ...Object.fromEntries(members), ...(isOpen ? {} : { additionalProperties: false }) };
}
