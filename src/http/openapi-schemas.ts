/** The parts that routes describe themselves with; `open-api.ts` makes the document of them and adds what every route can answer. */

export const ref = (name: string): { $ref: string } => ({ $ref: `#/components/schemas/${name}` });

/** A JSON answer. */
export function json(description: string, schema: object, headers?: object): object {
  return { description, ...(headers === undefined ? {} : { headers }), content: { 'application/json': { schema } } };
}

/** The same as JSON and as a page for people. */
export function jsonOrPage(description: string, schema: object): object {
  const content = { 'application/json': { schema }, 'text/html': { schema: { type: 'string' } } };
  return { description, headers: { 'Content-Security-Policy': maybeHeader('Of the page.') }, content };
}

/** An answer without a body. */
export function bare(description: string, headers?: object): object {
  return { description, ...(headers === undefined ? {} : { headers }) };
}

/** An answer whose media type is that of what lies there. */
export function bytes(description: string, headers?: object): object {
  return { ...bare(description, headers), content: { '*/*': { schema: { type: 'string', format: 'binary' } } } };
}

/** A header that such an answer always has. */
export function header(description: string, schema: object = { type: 'string' }): object {
  return { description, required: true, schema };
}

/** A header that such an answer may have. */
export function maybeHeader(description: string, schema: object = { type: 'string' }): object {
  return { description, schema };
}

export const seconds = { type: 'integer', minimum: 0 };
export const path = { type: 'string', pattern: '^/' };

export const idParams = {
  type: 'object',
  required: ['id'],
  properties: { id: { type: 'string', format: 'uuid', description: 'A UUIDv7.' } },
};

export const idempotencyHeader = {
  type: 'object',
  properties: {
    'idempotency-key': {
      type: 'string',
      pattern:
        '^([\\x21\\x23-\\x7e]([\\x20\\x21\\x23-\\x7e]{0,253}[\\x21\\x23-\\x7e])?|"([\\x20\\x21\\x23-\\x5b\\x5d-\\x7e]|\\\\["\\\\]){1,255}")$',
      description:
        'Repeats of a request with the same key are done once and get the first answer. 1 to 255 printable ASCII characters, bare or in double quotes.',
    },
  },
};

/** The empty body of a request that says everything by its path. */
export const emptyBody = {
  content: { 'application/json': { schema: { type: 'object', additionalProperties: false, maxProperties: 0 } } },
};

/** A schema as callers meet it: what has a default need not be there. */
export function asRequested(schema: unknown): object {
  if (Array.isArray(schema)) return schema.map((each) => (typeof each === 'object' ? asRequested(each) : each));
  const members = Object.entries(Object(schema)).map(([name, value]) => [
    name,
    typeof value === 'object' && value !== null && name !== 'default' && name !== 'examples' ? asRequested(value) : value,
  ]);
  const { required, properties, ...rest } = Object.fromEntries(members);
  const needed = Array.isArray(required) ? required.filter((name) => Object(properties?.[name]).default === undefined) : [];
  return {
    ...rest,
    ...(properties === undefined ? {} : { properties }),
    ...(needed.length === 0 ? {} : { required: needed }),
  };
}
