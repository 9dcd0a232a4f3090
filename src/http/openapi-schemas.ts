import { Problem } from '../contracts/problem.ts';
import { problemMediaType } from './problem.ts';

export const ref = (name: string): { $ref: string } => ({ $ref: `${name}#` });

/** A JSON answer. */
export function json(description: string, schema: object, headers?: object): object {
  return { description, ...(headers === undefined ? {} : { headers }), content: { 'application/json': { schema } } };
}

/** An answer without a body that is told in the description alone. */
export function bare(description: string, headers?: object): object {
  return { description, ...(headers === undefined ? {} : { headers }), type: 'null' };
}

export function header(description: string): object {
  return { type: 'string', description };
}

/** What every route can answer besides. */
export const errorResponses = {
  '4xx': {
    description: 'The request cannot be fulfilled; the page at `type` says why.',
    content: { [problemMediaType]: { schema: ref('Problem') } },
  },
  '5xx': {
    description: 'Something is missing or broken on the side of the server.',
    content: { [problemMediaType]: { schema: ref('Problem') } },
  },
};

export const sharedSchemas = (schemas: Readonly<Record<string, object>>): object[] =>
  Object.entries({ ...schemas, Problem }).map(([name, schema]) => ({ ...schema, $id: name }));

export const idParams = {
  type: 'object',
  required: ['id'],
  properties: { id: { type: 'string', description: 'A UUIDv7.' } },
};

export const idempotencyHeader = {
  type: 'object',
  properties: {
    'idempotency-key': {
      type: 'string',
      description: 'Repeats of a request with the same key are done once and get the first answer.',
    },
  },
};
