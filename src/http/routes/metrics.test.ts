import { Type } from 'typebox';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { testService } from '../../../test/support/engine.ts';
import { call, openTestServer, type TestServer } from '../../../test/support/http-server.ts';
import { openOrigin } from '../../../test/support/origin.ts';
import { eventually } from '../../../test/support/program.ts';
import { labelled, measured, scrape } from '../../../test/support/scrape.ts';
import { parseSourceRule } from '../../core/source-rules.ts';

let server: TestServer;
const contract = { options: Type.Object({}, { additionalProperties: true }), result: Type.Object({}) };

beforeAll(async () => {
  const rule = parseSourceRule('127.0.0.1:*');
  if (rule === null) throw new Error('the rule is none');
  server = await openTestServer({
    services: [
      testService('scripted', 'scripted', { accepts: [], contract, limits: { timeMs: 300, memoryBytes: 1024 ** 3 } }),
      testService('linked', 'scripted', { contract }),
    ],
    fetcher: { rules: [rule] },
  });
});
afterAll(() => server.closeAll());

async function submit(service: string, body: object): Promise<string> {
  const answer = await call(`${server.url}/v1/${service}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', host: new URL(server.url).host },
    body: JSON.stringify({ maxAttempts: 1, ...body }),
  });
  expect(answer.status, answer.body).toBe(202);
  return String(JSON.parse(answer.body).id);
}

async function ended(id: string): Promise<string> {
  const answer = await call(`${server.url}/v1/jobs/${id}`, { headers: { host: new URL(server.url).host } });
  const { state } = JSON.parse(answer.body);
  return ['succeeded', 'failed', 'canceled'].includes(state) ? state : '';
}

test('a job moves what is told of its service, its request and its commits', async () => {
  const before = await scrape(server.url);
  const id = await submit('scripted', {});
  await eventually('the job has succeeded', async () => (await ended(id)) === 'succeeded');
  const after = await scrape(server.url);
  const rise = (name: string, labels: Record<string, string> = {}) =>
    measured(after, name, labels) - measured(before, name, labels);

  for (const event of ['queued', 'started', 'succeeded']) {
    expect(rise('coatcheck_job_events_total', { service: 'scripted', event }), event).toBe(1);
  }
  expect(rise('coatcheck_jobs', { service: 'scripted', state: 'succeeded' })).toBe(1);
  expect(rise('coatcheck_job_wait_seconds_count', { service: 'scripted' })).toBe(1);
  expect(rise('coatcheck_job_attempt_duration_seconds_count', { service: 'scripted', outcome: 'succeeded' })).toBe(1);
  expect(rise('coatcheck_http_request_duration_seconds_count', { route: '/v1/scripted', method: 'POST', status: '2xx' })).toBe(1);
  expect(rise('coatcheck_stored_results')).toBe(1);
  expect(measured(after, 'coatcheck_executors')).toBe(1);
  expect(measured(after, 'coatcheck_store_up')).toBe(1);
  expect(measured(after, 'coatcheck_database_bytes')).toBeGreaterThan(0);
  for (const name of ['process_resident_memory_bytes', 'nodejs_eventloop_lag_p99_seconds', 'coatcheck_storage_free_bytes']) {
    expect(measured(after, name), name).toBeGreaterThan(0);
  }
});

test('executors that were killed are counted by the reason, attempts that failed by their problem', async () => {
  const crash = await submit('scripted', { options: { act: 'crash' } });
  await eventually('the job has failed', async () => (await ended(crash)) === 'failed');
  const hang = await submit('scripted', { options: { act: 'hang' }, maxAttempts: 1 });
  await eventually('the job has failed', async () => (await ended(hang)) === 'failed');
  const retried = await submit('scripted', { options: { act: 'later', afterMs: 3_600_000 }, maxAttempts: 2 });
  await eventually(
    'its attempt has failed',
    async () => measured(await scrape(server.url), 'coatcheck_job_events_total', { event: 'retrying' }) === 1,
  );
  await eventually(
    'the executors are back',
    async () => measured(await scrape(server.url), 'coatcheck_executor_ends_total', { reason: 'time-limit' }) === 1,
  );
  const families = await scrape(server.url);

  expect(measured(families, 'coatcheck_executor_ends_total', { reason: 'crash' })).toBe(1);
  expect(measured(families, 'coatcheck_executor_ends_total', { reason: 'memory-limit' })).toBe(0);
  expect(measured(families, 'coatcheck_job_attempt_problems_total', { problem: 'executor-crashed' })).toBe(1);
  expect(measured(families, 'coatcheck_job_attempt_problems_total', { problem: 'time-limit-exceeded' })).toBe(1);
  expect(measured(families, 'coatcheck_jobs_delayed', { service: 'scripted' })).toBe(1);
  await call(`${server.url}/v1/jobs/${retried}`, { method: 'DELETE', headers: { host: new URL(server.url).host } });
});

test('fetches of links are counted by what came of them', async () => {
  const origin = await openOrigin((request, response) => {
    response.statusCode = request.url === '/gone.txt' ? 410 : 200;
    response.setHeader('content-type', 'text/plain').end('some text');
  });
  for (const name of ['there.txt', 'gone.txt']) {
    const id = await submit('linked', { source: { url: `http://127.0.0.1:${origin.port}/${name}` } });
    await eventually('the job has ended', async () => (await ended(id)) !== '');
  }
  const families = await scrape(server.url);
  expect(measured(families, 'coatcheck_link_fetch_duration_seconds_count', { outcome: 'fetched' })).toBe(1);
  expect(measured(families, 'coatcheck_link_fetch_duration_seconds_count', { outcome: 'source-fetch-failed' })).toBe(1);
  await origin.close();
});

test('live sockets are counted while they are open', async () => {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/v1/live`);
  await new Promise((resolve) => socket.once('open', resolve));
  expect(measured(await scrape(server.url), 'coatcheck_live_sockets')).toBe(1);
  socket.close();
  await eventually('it is gone', async () => measured(await scrape(server.url), 'coatcheck_live_sockets') === 0);
});

test('pours are counted by what became of them, and no broker is told of where there is none', async () => {
  const pour = (body: string) =>
    call(`${server.url}/v1/beers`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', host: new URL(server.url).host },
      body,
    });
  const good = '{"tapId":3,"volume":450,"readingId":"a"}';
  for (const body of [good, good, '{"tapId":3,"volume":451,"readingId":"a"}', '{"tapId":3,"volume":99}', '{']) await pour(body);
  const now = await scrape(server.url);
  const pours = (outcome: string) => measured(now, 'coatcheck_pours_total', { outcome });
  expect([pours('new'), pours('repeat'), pours('refused')]).toEqual([1, 1, 3]);
  expect(labelled(now, 'coatcheck_mqtt_connected')).toEqual([]);
});

test('paths that were asked for never become labels, however many they are', async () => {
  for (let count = 0; count < 20; count += 1) {
    await call(`${server.url}/nothing/${count}`, { headers: { host: new URL(server.url).host } });
    await call(`${server.url}/v1/jobs/none-${count}`, { headers: { host: new URL(server.url).host } });
  }
  const now = await scrape(server.url);
  const routes = new Set(labelled(now, 'coatcheck_http_request_duration_seconds_count').map(({ labels }) => labels.route));
  expect(routes).toContain('none');
  expect(routes).toContain('/v1/jobs/:id');
  expect([...routes].filter((route) => /\d/.test(String(route).replace('/v1/', '')))).toEqual([]);
  expect(measured(now, 'coatcheck_http_problems_total', { problem: 'not-found' })).toBeGreaterThanOrEqual(40);
});

test('every metric of ours has a help text, and units where it has one last in its name', async () => {
  const families = (await scrape(server.url)).families.filter(({ name }) => name.startsWith('coatcheck_'));
  expect(families.length).toBeGreaterThan(20);
  for (const { name, help, type } of families) {
    expect(help, name).toMatch(/[.]$/);
    if (type === 'COUNTER') expect(name).toMatch(/_total$/);
    if (/seconds|bytes/.test(name)) expect(name).toMatch(/(_seconds|_bytes)$/);
  }
});

test('the metrics are there while the store is not, and say so', async () => {
  const lonely = await openTestServer({ services: [testService('scripted', 'scripted', { accepts: [] })] });
  await lonely.worker.stop(0);
  await lonely.parts.store.close();
  const families = await scrape(lonely.url);
  expect(measured(families, 'coatcheck_store_up')).toBe(0);
  expect(labelled(families, 'coatcheck_jobs')).toEqual([]);
  expect(measured(families, 'process_resident_memory_bytes')).toBeGreaterThan(0);
  await lonely.closeAll();
});

test('a page of another name does not get to the metrics', async () => {
  const { status } = await call(`${server.url}/metrics`, { headers: { host: 'evil.example' } });
  expect(status).toBe(403);
});
