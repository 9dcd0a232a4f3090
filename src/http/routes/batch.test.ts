import { afterAll, beforeAll, expect, test } from 'vitest';
import { testService } from '../../../test/support/engine.ts';
import { call, openTestServer, type TestServer } from '../../../test/support/http-server.ts';
import { onePixelPng } from '../../../test/support/pictures.ts';
import { eventually } from '../../../test/support/program.ts';
import { workOnAction } from '../../engine/actions.ts';
import { thumbnails } from '../../services/thumbnails/thumbnails.ts';

let server: TestServer;
beforeAll(async () => {
  const services = [thumbnails, testService('sleep', 'sleep'), testService('bare', 'noop', { accepts: [] })];
  server = await openTestServer({ services, settings: { queuedJobsMax: 20_000 } });
  for (const { name } of services) await ask(`/v1/queues/${name}/pause`, {});
});
afterAll(() => server.closeAll());

async function ask(path: string, body: unknown, headers: Record<string, string> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const sent = { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: text };
  const answer = await call(server.url + path, body === undefined ? { headers } : sent);
  return { ...answer, json: answer.body.startsWith('{') ? JSON.parse(answer.body) : null };
}
const base64 = { base64: onePixelPng.toString('base64'), name: 'a.png' };
const countOf = async (label: string) => (await ask(`/v1/jobs?limit=1000&label.of=${label}`, undefined)).json.items.length;
const blobs = async () => (await server.engine.storage()).files.count;

test('the jobs of one call are stored in order; one that is wrong has its problem in its place', async () => {
  const file = JSON.parse((await call(`${server.url}/v1/files`, { method: 'POST', body: onePixelPng })).body).id;
  const { status, json } = await ask('/v1/jobs', {
    jobs: [
      { service: 'thumbnails', source: { file }, options: { width: 10 }, priority: 3, labels: { of: 'first' } },
      { service: 'thumbnails', source: base64, labels: { of: 'first' } },
      { service: 'bare', source: null, labels: { of: 'first' } },
      { service: 'bare', runAt: '1h', labels: { of: 'first' } },
      { service: 'thumbnials', source: { file } },
      { service: 'thumbnails', source: { file }, options: { width: 0 } },
      { service: 'thumbnails', source: { file: '01234567-89ab-7def-8123-456789abcdef' } },
      { service: 'thumbnails', source: base64, deadline: '2001-01-01T00:00:00Z' },
      { service: 'thumbnails', source: { base64: '%%' } },
      { service: 'thumbnails' },
      'no object',
      { source: { file } },
    ],
  });
  expect(status).toBe(202);
  const slugs = json.items.map(({ problem }: { problem?: { type: string } }) => problem?.type ?? null);
  const invalid = '/problems/validation-error';
  expect(slugs).toEqual([
    ...[null, null, null, null, invalid, invalid, '/problems/not-found', invalid, '/problems/malformed-base64'],
    ...[invalid, invalid, invalid],
  ]);
  expect(json.items[5].problem).toMatchObject({
    status: 422,
    instance: '/v1/jobs',
    detail: expect.stringMatching(/^#\/jobs\/5\/options\/width /),
    errors: [{ pointer: '#/jobs/5/options/width' }],
  });
  expect(json.items[4].problem.detail).toContain('did you mean thumbnails?');
  const [first, second] = json.items;
  expect((await ask(`/v1/jobs/${first.id}`, undefined)).json).toMatchObject({
    priority: 3,
    options: { sizes: [{ width: 10 }] },
    source: { file },
  });
  expect((await ask(`/v1/jobs/${second.id}`, undefined)).json).toMatchObject({
    source: { name: 'a.png', bytes: onePixelPng.length },
  });
  expect(await countOf('first')).toBe(4);
});

test('a repeated call gets the first answer again and makes no more jobs', async () => {
  const jobs = [
    { service: 'bare', labels: { of: 'key' } },
    { service: 'none' },
    { service: 'thumbnails', source: base64, labels: { of: 'key' } },
  ];
  const before = await blobs();
  const first = await ask('/v1/jobs', { jobs }, { 'idempotency-key': 'batch' });
  const again = await ask('/v1/jobs', JSON.stringify({ jobs }, null, 2), { 'idempotency-key': 'batch' });
  expect(again).toMatchObject({ status: 202, body: first.body, headers: { 'idempotent-replayed': 'true' } });
  expect(await countOf('key')).toBe(2);
  expect(await blobs()).toBe(before + 1);
  expect((await ask('/v1/jobs', { jobs: jobs.slice(1) }, { 'idempotency-key': 'batch' })).status).toBe(422);
});

test('of many sends of one key at once one makes the jobs', async () => {
  const jobs = Array.from({ length: 50 }, () => ({ service: 'bare', labels: { of: 'parallel' } }));
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => ask('/v1/jobs', { jobs }, { 'idempotency-key': 'parallel' })),
  );
  expect(answers.some(({ status }) => status === 202)).toBe(true);
  for (const { status } of answers) expect([202, 409]).toContain(status);
  expect(await countOf('parallel')).toBe(50);
});

test.each<[string, unknown, number, string]>([
  ['no list', {}, 422, 'validation-error'],
  ['a list of none', { jobs: [] }, 422, 'validation-error'],
  ['10,001 jobs', { jobs: Array.from({ length: 10_001 }, () => 0) }, 422, 'validation-error'],
  ['something beside the list', '{"jobs":[{}],"more":[1]}', 422, 'validation-error'],
  ['no list but an object', { jobs: { a: [1] } }, 422, 'validation-error'],
  ['a list that does not end', '{"jobs":[{"service":"bare"}', 400, 'malformed-json'],
  ['a comma too many', '{"jobs":[{"service":"bare"},]}', 400, 'malformed-json'],
  ['a name twice', '{"jobs":[{"service":"bare","service":"bare"}]}', 400, 'malformed-json'],
  ['an array', '[]', 422, 'validation-error'],
  ['nothing', '', 400, 'malformed-json'],
])('%s is refused as a whole', async (_name, body, status, slug) => {
  expect(await ask('/v1/jobs', body)).toMatchObject({ status, json: { type: `/problems/${slug}` } });
});

test('an unusual way to write the same document is taken', async () => {
  expect((await ask('/v1/jobs', '\n{ "j\\u006fbs" : [ {"service":"bare"} , {"service":"bare"} ] }\n')).json.items).toHaveLength(
    2,
  );
});

test('10,000 jobs are taken in one call; many of them are canceled and deleted in one call each', {
  timeout: 60_000,
}, async () => {
  const jobs = Array.from({ length: 10_000 }, (_, n) => ({ service: 'bare', labels: { of: 'many', n: String(n) } }));
  const { json } = await ask('/v1/jobs', { jobs });
  const ids: string[] = json.items.map(({ id }: { id: string }) => id);
  expect(new Set(ids).size).toBe(10_000);
  expect(ids.toSorted()).toEqual(ids);

  const canceled = await ask('/v1/jobs/actions', { action: 'cancel', ids: [...ids.slice(0, 500), 'none', ids[0]] });
  expect(canceled).toMatchObject({
    status: 202,
    json: { action: 'cancel', state: 'running', counts: { matched: 500, done: 0, skipped: 0, missing: 1 } },
    headers: { location: `/v1/jobs/actions/${canceled.json.id}` },
  });
  while ((await workOnAction(server.parts)) > 0);
  expect((await ask(`/v1/jobs/actions/${canceled.json.id}`, undefined)).json).toMatchObject({
    state: 'done',
    counts: { matched: 500, done: 500, skipped: 0, missing: 1 },
    finishedAt: expect.any(String),
  });
  const removed = await ask('/v1/jobs/actions', { action: 'delete', filter: { state: 'canceled', labels: { of: 'many' } } });
  const later = (await ask('/v1/jobs', { jobs: [{ service: 'bare', labels: { of: 'many' } }] })).json.items[0].id;
  await ask(`/v1/jobs/${later}/cancel`, {});
  while ((await workOnAction(server.parts)) > 0);
  expect((await ask(`/v1/jobs/actions/${removed.json.id}`, undefined)).json).toMatchObject({
    state: 'done',
    counts: { done: 500 },
  });
  expect((await ask(`/v1/jobs/${later}`, undefined)).json.state).toBe('canceled');
  expect((await ask(`/v1/jobs/${ids[0]}`, undefined)).status).toBe(404);
});

test('a retry queues again what was canceled, and skips the others; a repeated request starts nothing', async () => {
  const jobs = Array.from({ length: 3 }, () => ({ service: 'bare', labels: { of: 'retry' } }));
  const ids = (await ask('/v1/jobs', { jobs })).json.items.map(({ id }: { id: string }) => id);
  await ask(`/v1/jobs/${ids[0]}/cancel`, {});
  const asked = { action: 'retry', filter: { labels: { of: 'retry' } } };
  const first = await ask('/v1/jobs/actions', asked, { 'idempotency-key': 'retry' });
  const again = await ask('/v1/jobs/actions', asked, { 'idempotency-key': 'retry' });
  expect(again).toMatchObject({ body: first.body, headers: { 'idempotent-replayed': 'true' } });
  while ((await workOnAction(server.parts)) > 0);
  const { json } = await ask(`/v1/jobs/actions/${first.json.id}`, undefined);
  expect(json.counts).toEqual({ matched: 3, done: 1, skipped: 2, missing: 0 });
  expect((await ask(`/v1/jobs/${ids[0]}`, undefined)).json.state).toBe('queued');
});

test('an action on jobs of a time leaves the others alone', async () => {
  const make = async () =>
    (await ask('/v1/jobs', { jobs: [{ service: 'bare', labels: { of: 'action time' } }] })).json.items[0].id as string;
  const createdAt = async (id: string) => Date.parse((await ask(`/v1/jobs/${id}`, undefined)).json.createdAt);
  const older = await make();
  await eventually('a millisecond has passed', async () => (await createdAt(await make())) > (await createdAt(older)));
  const createdBefore = new Date((await createdAt(older)) + 1).toISOString();
  const asked = {
    action: 'cancel',
    filter: { labels: { of: 'action time' }, createdAfter: '2020-01-01T00:00:00Z', createdBefore },
  };
  const { json } = await ask('/v1/jobs/actions', asked);
  while ((await workOnAction(server.parts)) > 0);
  expect((await ask(`/v1/jobs/${older}`, undefined)).json.state).toBe('canceled');
  const left = (await ask('/v1/jobs?label.of=action%20time&state=queued', undefined)).json.items;
  expect(left.every((job: { createdAt: string }) => Date.parse(job.createdAt) >= Date.parse(createdBefore))).toBe(true);
  expect(left.length).toBeGreaterThan(0);
  expect((await ask(json.links.self, undefined)).json.state).toBe('done');
  expect(await ask('/v1/jobs/actions', { action: 'cancel', filter: { createdAfter: 'yesterday' } })).toMatchObject({
    status: 422,
    json: { errors: [{ pointer: '#/filter/createdAfter' }] },
  });
});

test.each<[string, unknown, number]>([
  ['no jobs', { action: 'cancel' }, 422],
  ['ids and a filter', { action: 'cancel', ids: ['a'], filter: { state: 'queued' } }, 422],
  ['a filter of nothing', { action: 'cancel', filter: {} }, 422],
  ['an unknown action', { action: 'pause', ids: ['a'] }, 422],
  ['no ids', { action: 'cancel', ids: [] }, 422],
  ['an unknown filter', { action: 'cancel', filter: { stat: 'queued' } }, 422],
  ['no JSON', '{', 400],
])('an action with %s is refused', async (_name, body, status) => {
  expect((await ask('/v1/jobs/actions', body)).status).toBe(status);
});

test('the action of nobody is not found', async () => {
  expect((await ask('/v1/jobs/actions/01234567-89ab-7def-8123-456789abcdef', undefined)).status).toBe(404);
  expect((await ask('/v1/jobs/actions/x', undefined)).status).toBe(404);
});

test('jobs are listed by time; a cursor is good for its own times only; bad values are refused', async () => {
  const [{ id }] = (await ask('/v1/jobs', { jobs: [{ service: 'bare', labels: { of: 'time' } }] })).json.items;
  const { createdAt } = (await ask(`/v1/jobs/${id}`, undefined)).json;
  const listed = async (query: string) =>
    (await ask(`/v1/jobs?label.of=time${query}`, undefined)).json.items.map((job: { id: string }) => job.id);
  expect(await listed(`&createdAfter=${createdAt}`)).toEqual([id]);
  expect(await listed(`&createdBefore=${createdAt}`)).toEqual([]);
  const page = await ask(`/v1/jobs?limit=1&createdBefore=${createdAt}`, undefined);
  expect(String(page.headers.link)).toContain('createdBefore=');
  const { nextCursor } = page.json;
  expect((await ask(`/v1/jobs?limit=1&createdBefore=${createdAt}&cursor=${nextCursor}`, undefined)).status).toBe(200);
  expect((await ask(`/v1/jobs?limit=1&cursor=${nextCursor}`, undefined)).status).toBe(400);
  const labels = Array.from({ length: 21 }, (_, n) => `label.l${n}=x`).join('&');
  for (const bad of [
    'limit=0',
    'limit=-1',
    'limit=1e9',
    'limit=NaN',
    'limit=1&limit=2',
    'state=gone',
    'createdAfter=soon',
    labels,
    'x=1',
  ])
    expect([bad, (await ask(`/v1/jobs?${bad}`, undefined)).status]).toEqual([bad, 422]);
  for (const bad of ['x', Buffer.from(`l${id}aaaaaaaaaaaaaaaa`).toString('base64url')])
    expect((await ask(`/v1/jobs?cursor=${bad}`, undefined)).status).toBe(400);
});

test('queues, workers and storage tell what is going on', async () => {
  const queue = async () =>
    (await ask('/v1/queues', undefined)).json.items.find(({ service }: { service: string }) => service === 'thumbnails');
  expect(await queue()).toMatchObject({
    paused: true,
    depth: expect.any(Number),
    delayed: 0,
    perMinute: { queued: expect.any(Number), succeeded: 0 },
    oldestWaitSeconds: expect.any(Number),
  });
  expect((await queue()).perMinute.queued).toBeGreaterThan(0);
  expect((await ask('/v1/workers', undefined)).json.items).toMatchObject([
    { name: 'test', host: 'here', pid: process.pid, executors: [{ job: null, since: null, sandbox: 'none', tasks: 0 }] },
  ]);
  expect((await ask('/v1/storage', undefined)).json).toMatchObject({
    files: { count: expect.any(Number), bytes: onePixelPng.length * 3 },
    results: { count: 0, bytes: 0 },
    databaseBytes: expect.any(Number),
    freeBytes: expect.any(Number),
  });
});

test('a path that cannot be decoded has a line in the log', async () => {
  const answer = await call(`${server.url}/v1/jobs/%E0%A4%A`);
  expect(answer.status).toBe(400);
  const line = { message: undefined, status: 400, path: '/v1/jobs/%E0%A4%A', traceId: answer.headers['x-trace-id'] };
  await expect
    .poll(() => server.lines.map(({ status, path, traceId }) => ({ message: undefined, status, path, traceId })))
    .toContainEqual(line);
});
