import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { testService } from '../../test/support/engine.ts';
import { openTestServer, type TestServer } from '../../test/support/http-server.ts';
import { eventually } from '../../test/support/program.ts';
import { openRelay } from '../../test/support/relay.ts';
import { newId } from '../core/ids.ts';
import { type Client, ConnectionError, createClient, type JobsEvent, ProblemError } from './client.ts';

const retry = { firstDelayMs: 2, longestDelayMs: 20, attemptsMax: 4, reconnectsMax: 20 };
let server: TestServer;
let client: Client;
const closing: (() => void)[] = [];
beforeEach(async () => {
  server = await openTestServer({ services: [testService('noop', 'noop'), testService('scripted', 'scripted')] });
  client = createClient({ baseUrl: server.url, retry });
});
afterEach(async () => {
  for (const close of closing.splice(0)) close();
  await server.closeAll();
});

const png = new Uint8Array(
  Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=', 'base64'),
);
const submit = async (runAt?: string) =>
  (await client.submit({ service: 'noop', source: png, fresh: true, ...(runAt === undefined ? {} : { runAt }) })).id;
const types = (events: readonly JobsEvent[], job: string) =>
  events.flatMap((event) => ('job' in event && event.job === job && event.type !== 'job.progress' ? [event.type] : []));
const wholeLife = ['job.queued', 'job.started', 'job.succeeded'];

async function all(events: AsyncIterable<JobsEvent>, into: JobsEvent[] = []): Promise<JobsEvent[]> {
  for await (const event of events) into.push(event);
  return into;
}

async function proxy(mode: { upgrades?: false; streams?: false } = {}) {
  const relay = await openRelay(server.port, mode);
  closing.push(relay.close);
  return relay;
}

test('given jobs are watched from the beginning of their history until all have ended', async () => {
  const first = await submit();
  await client.wait(first);
  const second = await submit('300ms');
  const events = await all(client.watchJobs([first, second]));
  expect(types(events, first)).toEqual(wholeLife);
  expect(types(events, second)).toEqual(wholeLife);
});

test('a job that failed, and was started again, is watched to its second end', async () => {
  const id = await submit('1h');
  await client.cancel(id);
  await client.retry(id);
  expect(types(await all(client.watchJobs([id])), id)).toEqual(['job.queued', 'job.canceled', ...wholeLife]);
});

test('all jobs are watched from now on until the signal aborts', async () => {
  await client.wait(await submit());
  const leave = new AbortController();
  const heard: JobsEvent[] = [];
  const watching = all(client.watchJobs('all', { signal: leave.signal }), heard);
  const ids: string[] = [];
  await eventually('it hears', async () => {
    ids.push(await submit());
    return heard.length > 0;
  });
  const id = await submit();
  await eventually('the last is told', () => types(heard, id).length === 3);
  expect(types(heard, id)).toEqual(wholeLife);
  const event = heard.find((one) => 'id' in one);
  leave.abort(new Error('enough'));
  await expect(watching).rejects.toThrow('enough');
  const again = new AbortController();
  const resumed: JobsEvent[] = [];
  const since = event !== undefined && 'id' in event ? event.id : '';
  const rest = all(client.watchJobs('all', { since, signal: again.signal }), resumed).catch(() => {});
  await eventually('the rest is told', () => types(resumed, id).length === 3);
  expect(resumed).toEqual(heard.filter((one) => 'id' in one).slice(1));
  again.abort();
  await rest;
});

test('connections that are cut again and again cost no event and repeat none', async () => {
  const { baseUrl, cut, upgrades } = await proxy();
  const watcher = createClient({ baseUrl, retry });
  const ids = await Promise.all(Array.from({ length: 8 }, (_, n) => submit(`${n * 100 + 100}ms`)));
  const watching = all(watcher.watchJobs(ids));
  const cutting = setInterval(cut, 70);
  closing.push(() => clearInterval(cutting));
  const events = await watching;
  clearInterval(cutting);
  for (const id of ids) expect(types(events, id)).toEqual(wholeLife);
  expect(upgrades()).toBeGreaterThan(2);
});

test.each([
  ['event streams', { upgrades: false as const }],
  ['polling', { upgrades: false as const, streams: false as const }],
])('where no WebSocket opens it goes by %s', async (_name, mode) => {
  const { baseUrl } = await proxy(mode);
  const watcher = createClient({ baseUrl, retry });
  const ids = [await submit(), await submit('500ms')];
  const events = await all(watcher.watchJobs(ids));
  for (const id of ids) expect(types(events, id)).toEqual(wholeLife);
});

test('a job that is deleted meanwhile is told of, also while the connection was lost', async () => {
  const { baseUrl, cut } = await proxy();
  const watcher = createClient({ baseUrl, retry });
  const ids = [await submit('1h'), await submit('1h')];
  const heard: JobsEvent[] = [];
  const watching = all(watcher.watchJobs(ids), heard);
  await eventually('both are told', () => heard.length === 2);
  await client.remove(ids[0] ?? '');
  await eventually('it is told', () => types(heard, ids[0] ?? '').includes('job.removed'));
  cut();
  await client.remove(ids[1] ?? '');
  await watching;
  expect(types(heard, ids[1] ?? '').at(-1)).toBe('job.removed');
});

test('an unknown job, too many jobs and a server that is not there are errors', async () => {
  await expect(all(client.watchJobs([newId()]))).rejects.toBeInstanceOf(ProblemError);
  await expect(all(client.watchJobs(Array.from({ length: 101 }, newId)))).rejects.toBeInstanceOf(RangeError);
  const gone = createServer();
  await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve));
  const { port } = gone.address() as AddressInfo;
  gone.close();
  const nobody = createClient({ baseUrl: `http://127.0.0.1:${port}`, retry });
  await expect(all(nobody.watchJobs([newId()]))).rejects.toBeInstanceOf(ConnectionError);
});

test('leaving the loop closes the socket', async () => {
  const id = await submit('1h');
  for await (const event of client.watchJobs([id])) if (event.type === 'job.queued') break;
  await eventually('it is closed', () => server.lines.some((line) => line.msg === 'live.closed'));
});
