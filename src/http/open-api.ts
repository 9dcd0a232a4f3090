import type { FastifyInstance, RouteOptions } from 'fastify';
import { type ErrorCode, errorKinds, problemType } from '../core/errors.ts';
import { maybeHeader, ref, seconds } from './openapi-schemas.ts';
import { problemMediaType } from './problem.ts';

/** Whatever is asked for, it can be answered so. */
const always: readonly ErrorCode[] = [
  'bad-request',
  'host-not-allowed',
  'request-timeout',
  'expectation-failed',
  'request-header-fields-too-large',
  'internal-error',
  'service-unavailable',
  'shutting-down',
  'overloaded',
  'rate-limited',
];
const ofChanges: readonly ErrorCode[] = ['origin-not-allowed', 'insufficient-storage'];
const ofBodies: readonly ErrorCode[] = [
  'malformed-json',
  'payload-too-large',
  'unsupported-media-type',
  'validation-error',
  'digest-mismatch',
];
const ofFiles: readonly ErrorCode[] = [
  'malformed-multipart',
  'malformed-base64',
  'too-many-parts',
  'media-limits-exceeded',
  'empty-file',
];
const ofIdempotency: readonly ErrorCode[] = ['invalid-idempotency-key', 'idempotency-in-progress', 'idempotency-key-reused'];

/** What every answer has, and what each problem may have besides. */
const commonHeaders = {
  'X-Trace-Id': { description: 'Under this id the request is in the log.', required: true, schema: { type: 'string' } },
  'X-Content-Type-Options': { description: 'No guessing.', required: true, schema: { const: 'nosniff' } },
  'Cache-Control': { description: 'Who may keep it, and for how long.', required: true, schema: { type: 'string' } },
  'RateLimit-Policy': maybeHeader('How many requests a client may send in which time, where there is such a limit.'),
  RateLimit: maybeHeader('How many of them are left, and until when.'),
};
const problemHeaders = {
  'Retry-After': maybeHeader('When to try again, in seconds.', seconds),
  'Content-Range': maybeHeader('Of a 416: how long the file is.'),
  'Content-Security-Policy': maybeHeader('Of the page.'),
  Upgrade: maybeHeader('Of a 426: what the path speaks.'),
};
const replayedHeader = {
  'Idempotent-Replayed': maybeHeader('This is the answer of the first request with the key.', { const: 'true' }),
};

interface Responses {
  [status: string]: object;
}

/**
 * Notes every route that describes itself by a schema with an operation id, as it is added; makes of them the OpenAPI
 * document. Schemas come into it as they are, since OpenAPI 3.1 has those of JSON Schema. Must be made before the routes.
 */
export function watchRoutes(app: FastifyInstance): (about: { version: string; schemas: object }) => object {
  const routes: RouteOptions[] = [];
  app.addHook('onRoute', (route) => {
    if (route.method !== 'HEAD' && route.schema?.operationId !== undefined) routes.push(route);
  });
  return ({ version, schemas }) => {
    const problems = new Map<string, object>();
    const paths: Record<string, Record<string, object>> = {};
    for (const route of routes) {
      const url = route.url.replace(/:(\w+)/g, '{$1}');
      const operations = paths[url] ?? {};
      paths[url] = operations;
      operations[String(route.method).toLowerCase()] = operationOf(route, problems);
    }
    return {
      openapi: '3.1.0',
      info: {
        title: 'Coatcheck',
        version,
        description: 'Slow work on files: hand in a file, get a ticket, watch, pick up the result.',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: '/' }],
      tags: ['services', 'jobs', 'files', 'taps', 'operations'].map((name) => ({ name })),
      paths,
      components: { schemas, headers: commonHeaders, responses: Object.fromEntries(problems) },
    };
  };
}

function operationOf(route: RouteOptions, problems: Map<string, object>): object {
  const { operationId, summary, description, tags, params, headers, body, response } = route.schema ?? {};
  const query = route.schema?.querystring ?? route.config?.readsQuery;
  return {
    operationId,
    summary,
    ...(description === undefined ? {} : { description }),
    tags,
    parameters: [...parametersOf('path', params), ...parametersOf('query', query), ...parametersOf('header', headers)],
    ...(body === undefined ? {} : { requestBody: { required: route.config?.bodyOptional !== true, ...Object(body) } }),
    responses: {
      ...successes(Object(response), takesKey(headers) ? replayedHeader : {}),
      ...problemResponses(problemCodes(route, query), problems),
    },
  };
}

/** A list or an object in a query is JSON; labels are any number of parameters that begin with `label.`. */
function parametersOf(place: 'path' | 'query' | 'header', schema: unknown): object[] {
  const { properties = {}, patternProperties, required = [] } = Object(schema);
  const named = Object.entries<Record<string, unknown>>(properties).map(([name, { description, ...value }]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    ...(description === undefined ? {} : { description }),
    ...(isStructured(value) ? { content: { 'application/json': { schema: value } } } : { schema: value }),
  }));
  if (patternProperties === undefined) return named;
  const labels = {
    name: 'labels',
    in: 'query',
    description: 'A parameter `label.KEY` for each label.',
    style: 'form',
    explode: true,
    schema: { type: 'object', patternProperties, additionalProperties: false },
  };
  return [...named, labels];
}

function isStructured({ type, anyOf }: Record<string, unknown>): boolean {
  return type === 'array' || type === 'object' || (Array.isArray(anyOf) && anyOf.some((branch) => isStructured(Object(branch))));
}

function takesKey(headers: unknown): boolean {
  return Object.hasOwn(Object(Object(headers).properties), 'idempotency-key');
}

function successes(responses: Responses, more: object): Responses {
  const common = Object.fromEntries(Object.keys(commonHeaders).map((name) => [name, { $ref: `#/components/headers/${name}` }]));
  return Object.fromEntries(
    Object.entries(responses).map(([status, response]) => [
      status,
      // The answer that opens a WebSocket is none of the router's.
      status === '101' ? response : { ...response, headers: { ...common, ...Object(response).headers, ...more } },
    ]),
  );
}

/** What can go wrong with a route: what its kind brings with it, and what it names itself. */
function problemCodes({ method, config, schema }: RouteOptions, query: unknown): Set<ErrorCode> {
  const { params, headers, body } = schema ?? {};
  return new Set([
    ...always,
    ...(config?.produces?.length === 0 ? [] : (['not-acceptable'] as const)),
    ...(method === 'GET' ? [] : ofChanges),
    ...(method === 'POST' ? ofBodies : []),
    ...(params === undefined ? [] : (['not-found'] as const)),
    ...(query === undefined ? [] : (['validation-error'] as const)),
    ...(takesKey(headers) ? ofIdempotency : []),
    ...(Object.hasOwn(Object(Object(body).content), 'multipart/form-data') ? ofFiles : []),
    ...(config?.problems ?? []),
  ]);
}

/** A response a status; those that can mean the same problems are written once, among the components. */
function problemResponses(codes: ReadonlySet<ErrorCode>, problems: Map<string, object>): Responses {
  const sorted = [...codes].sort();
  const responses: Responses = {};
  for (const status of new Set(sorted.map((code) => errorKinds[code].status))) {
    const same = sorted.filter((code) => errorKinds[code].status === status);
    const name = [status, ...same].join('.');
    responses[status] = { $ref: `#/components/responses/${name}` };
    if (!problems.has(name)) problems.set(name, problemResponse(status, same));
  }
  return responses;
}

function problemResponse(status: number, codes: readonly ErrorCode[]): object {
  const types = codes.map((code) => problemType(code));
  const common = Object.keys(commonHeaders).map((name) => [name, { $ref: `#/components/headers/${name}` }]);
  return {
    description: codes.map((code) => `\`${code}\`: ${errorKinds[code].title}.`).join(' '),
    headers: { ...Object.fromEntries(common), ...problemHeaders },
    content: {
      [problemMediaType]: {
        schema: { allOf: [ref('Problem'), { properties: { type: { enum: types }, status: { const: status } } }] },
      },
      'text/html': { schema: { type: 'string' } },
    },
  };
}
