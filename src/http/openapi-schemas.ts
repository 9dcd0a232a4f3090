/** The parts that routes describe themselves with; `open-api.ts` makes the document of them and adds what every route can answer. */

export const ref = (name: string): { $ref: string } => ({ $ref: `#/components/schemas/${name}` });

/** A JSON answer. */
export function json(description: string, schema: object, headers?: object): object {
  return { description, ...(headers === undefined ? {} : { headers }), content: { 'application/json': { schema } } };
}

/** The same as JSON and as a page for people. */
export function jsonOrPage(description: string, schema: object): object {
  return { description, content: { 'application/json': { schema }, 'text/html': { schema: { type: 'string' } } } };
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
      pattern: '^([\\x20\\x21\\x23-\\x7e]{1,255}|"([\\x20\\x21\\x23-\\x5b\\x5d-\\x7e]|\\\\["\\\\]){1,255}")$',
      description:
        'Repeats of a request with the same key are done once and get the first answer. 1 to 255 printable ASCII characters, bare or in double quotes.',
    },
  },
};

/** The empty body of a request that says everything by its path. */
export const emptyBody = {
  content: { 'application/json': { schema: { type: 'object', additionalProperties: false, maxProperties: 0 } } },
};
