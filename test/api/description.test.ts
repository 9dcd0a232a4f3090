import { METHODS } from 'node:http';
import { Validator } from '@seriousme/openapi-schema-validator';
import fc from 'fast-check';
import { Type } from 'typebox';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseSourceRule } from '../../src/core/source-rules.ts';
import { thumbnails } from '../../src/services/thumbnails/thumbnails.ts';
import { type ApiDescription, readDescription } from '../support/api-description.ts';
import { type ApiRequest, meaningsFor, requestsFor, withKnownIds } from '../support/api-requests.ts';
import { testService } from '../support/engine.ts';
import { recordFigure } from '../support/figures.ts';
import { call, openTestServer, type RawAnswer, type TestServer } from '../support/http-server.ts';
import { type Origin, openOrigin } from '../support/origin.ts';
import { onePixelPng } from '../support/pictures.ts';
import { randomRuns } from '../support/random-runs.ts';

/**
 * The API against its own description: requests are made of `/openapi.json`, right ones and wrong ones, and every answer must be
 * as that says. More, or the same again: COATCHECK_TEST_CASES=20000 COATCHECK_TEST_SEED=7 npx vitest run test/api
 */
const runs = randomRuns(1_600);

/** What a right request can be answered for what there is, not for what it says. */
const ofTheState = new Set(
  [
    'not-found',
    'job-not-cancellable',
    'job-not-retryable',
    'job-not-finished',
    'job-failed',
    'job-canceled',
    'idempotency-key-reused',
    'resource-in-use',
    'result-expired',
    'input-expired',
    'invalid-cursor',
    'range-not-satisfiable',
    'upgrade-required',
  ].map((slug) => `/problems/${slug}`),
);

/** What a service says in the words of its options alone. */
const inWords = /cannot stand beside/;

const scripted = testService('scripted', 'scripted', {
  contract: {
    options: Type.Object(
      {
        act: Type.Enum(['copy', 'reject', 'throw'], { default: 'copy' }),
        words: Type.Array(Type.String({ minLength: 1, maxLength: 5 }), { default: [], maxItems: 3 }),
        ratio: Type.Number({ minimum: -1, maximum: 1, default: 0 }),
        flag: Type.Boolean({ default: false }),
        shape: Type.Optional(Type.Object({ side: Type.Integer({ minimum: 1 }) }, { additionalProperties: false })),
        code: Type.Optional(Type.String({ pattern: '^[A-Z]{3}-\\d+$' })),
      },
      { additionalProperties: false },
    ),
    result: Type.Object({ file: Type.String({ format: 'uuid' }) }),
  },
});

let server: TestServer;
let origin: Origin;
let text: string;
let api: ApiDescription;
const ids: Record<string, string[]> = { JOB: [], FILE: [], ACTION: [] };

beforeAll(async () => {
  origin = await openOrigin(({ url }, response) => {
    if (url === '/a.png') response.end(onePixelPng);
    else response.writeHead(404).end();
  });
  const rules = [parseSourceRule(`127.0.0.1:${origin.port}`)].filter((rule) => rule !== null);
  server = await openTestServer({
    services: [thumbnails, scripted],
    settings: { queuedJobsMax: 1_000_000 },
    fetcher: { rules },
  });
  text = (await call(`${server.url}/openapi.json`)).body;
  api = readDescription(text);
});
afterAll(async () => {
  await server.closeAll();
  await origin.close();
});

test('the description is valid OpenAPI 3.1', async () => {
  expect(await new Validator().validate(JSON.parse(text))).toEqual({ valid: true });
  expect(new Set(api.operations.map(({ operationId }) => operationId)).size).toBe(api.operations.length);
  for (const { responses, operationId } of api.operations)
    expect({ operationId, statuses: Object.keys(responses) }).toMatchObject({ statuses: expect.arrayContaining(['503']) });
});

/** Real ids, the newest first, as long as there are some. */
function idOf(kind: string, index: number): string {
  const known = ids[kind] ?? [];
  return known.at(-1 - (index % Math.max(1, known.length))) ?? '01980000-0000-7000-8000-000000000000';
}

function remember({ operation: operationId, url }: ApiRequest, { status, body }: RawAnswer): void {
  if (status !== 201 && status !== 202) return;
  const answer = JSON.parse(body);
  const kind = operationId === 'uploadFile' ? 'FILE' : url.endsWith('/actions') ? 'ACTION' : 'JOB';
  const made = operationId === 'submitJobs' ? answer.items.map(({ id }: { id?: string }) => id) : [answer.id];
  ids[kind]?.push(...made.filter((id: string | undefined) => id !== undefined));
}

async function send(request: ApiRequest): Promise<RawAnswer> {
  const { method, url, headers, body } = request;
  const answer = await call(server.url + withKnownIds(url, idOf), {
    method,
    headers,
    ...(body === null ? {} : { body: typeof body === 'string' ? withKnownIds(body, idOf) : body }),
  });
  remember(request, answer);
  return answer;
}

/** What is wrong with an answer; nothing where all is well. */
function faultsOf({ operation, expects }: ApiRequest, answer: RawAnswer): string[] {
  const { status, body } = answer;
  const described = api.operations.find(({ operationId }) => operationId === operation);
  if (described === undefined) return ['there is no such operation'];
  const faults = api.faultsOf(described, answer);
  if (status >= 500) faults.push(`it broke: ${status} ${body.slice(0, 300)}`);
  if (expects === 'refused' && status < 400) faults.push(`what is wrong was taken: ${status} ${body.slice(0, 300)}`);
  if (expects === 'accepted' && status >= 400 && !ofTheState.has(JSON.parse(body).type) && !inWords.test(body))
    faults.push(`what is right was refused: ${status} ${body.slice(0, 500)}`);
  return faults;
}

/** A batch is accepted whole: what is wrong with a member is told beside it. */
function onlyTheBatchCounts(request: ApiRequest): ApiRequest {
  return request.operation === 'submitJobs' && request.expects === 'refused' ? { ...request, expects: 'either' } : request;
}

test.each(runs)('every answer is as the description says (seed $seed)', { timeout: 3_600_000 }, async (run) => {
  const meanings = meaningsFor(`http://127.0.0.1:${origin.port}`);
  const { operations } = api;
  const request = fc.oneof(...operations.map((operation) => requestsFor(api, operation, meanings).map(onlyTheBatchCounts)));
  const tally = { sent: 0, accepted: 0, refused: 0, answers: new Set<string>(), done: new Set<string>() };
  await fc.assert(
    fc.asyncProperty(request, async (asked) => {
      const answer = await send(asked);
      tally.sent += 1;
      tally[answer.status < 400 ? 'accepted' : 'refused'] += 1;
      tally.answers.add(`${asked.operation} ${answer.status}`);
      if (answer.status < 400) tally.done.add(asked.operation);
      expect(faultsOf(asked, answer)).toEqual([]);
    }),
    run,
  );
  recordFigure(
    21,
    `${tally.sent} requests (${tally.accepted} accepted, ${tally.refused} refused), ${operations.length} operations (${tally.done.size} of them done), ${tally.answers.size} kinds of answers, seed ${run.seed}: 0 5xx, 0 answers off the description`,
  );
});

test.each(runs)('a method that a path does not take is 405 with the ones that it takes (seed $seed)', async ({ seed }) => {
  const paths = fc.constantFrom(...api.paths);
  const methods = fc.constantFrom(...METHODS.filter((method) => method !== 'CONNECT'));
  await fc.assert(
    fc.asyncProperty(paths, methods, fc.uuid({ version: 7 }), async ([path, described], method, id) => {
      const all = [...described, ...(described.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].sort();
      fc.pre(!described.includes(method));
      const answer = await call(server.url + path.replace(/\{\w+\}/, id), { method });
      if (method === 'HEAD' && described.includes('GET')) {
        expect([answer.status < 500, answer.body]).toEqual([true, '']);
        return;
      }
      expect({ path, method, allow: answer.headers.allow }).toEqual({ path, method, allow: all.join(', ') });
      if (method === 'OPTIONS') expect(answer.status).toBe(204);
      else if (method === 'HEAD') expect(answer).toMatchObject({ status: 405, body: '' });
      else expect([answer.status, ...api.problemFaults(answer, '/problems/method-not-allowed')]).toEqual([405]);
    }),
    { seed, numRuns: 200 },
  );
});

test.each(runs)('a path that there is not is 404 (seed $seed)', async ({ seed }) => {
  const parts = fc.array(
    fc.oneof(fc.constantFrom('v1', 'jobs', 'files', 'queue'), fc.string({ minLength: 1 }), fc.webSegment()),
    {
      minLength: 1,
      maxLength: 6,
    },
  );
  await fc.assert(
    fc.asyncProperty(parts, async (segments) => {
      const path = new URL(`/none/${segments.map(encodeURIComponent).join('/')}`, server.url);
      fc.pre(path.pathname.startsWith('/none'));
      const answer = await call(path.href);
      expect([answer.status, ...api.problemFaults(answer, '/problems/not-found')]).toEqual([404]);
    }),
    { seed, numRuns: 100 },
  );
});
