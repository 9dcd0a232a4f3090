import { afterEach, beforeEach, expect, test } from 'vitest';
import { testService } from '../../../test/support/engine.ts';
import { call, exchange, openTestServer, type TestServer } from '../../../test/support/http-server.ts';
import { askForUpgrade, openLive } from '../../../test/support/live-socket.ts';
import { onePixelPng } from '../../../test/support/pictures.ts';
import { eventually } from '../../../test/support/program.ts';
import { asksBeforeUpgrade } from '../../../test/support/wire-inputs.ts';
import { newId } from '../../core/ids.ts';

let server: TestServer;
beforeEach(async () => {
  server = await openTestServer({ services: [testService('noop', 'noop'), testService('sleep', 'sleep')] });
});
afterEach(() => server.closeAll());

const submit = async (path = '/v1/noop?fresh=true'): Promise<string> =>
  JSON.parse((await call(server.url + path, { method: 'POST', body: onePixelPng })).body).id;
const ended = async (id: string) =>
  eventually('the job has ended', async () => JSON.parse((await call(`${server.url}/v1/jobs/${id}`)).body).state === 'succeeded');
const wholeLife = ['job.queued', 'job.started', 'job.succeeded'];

test('whoever subscribes to jobs hears what happens to all of them, as CloudEvents', async () => {
  const live = await openLive(server.url);
  expect(live.socket.protocol).toBe('coatcheck.v1');
  expect(live.socket.extensions).toBe('');
  expect(await live.ask({ id: 1, type: 'subscribe', topics: ['jobs'] })).toEqual({
    id: 1,
    type: 'result',
    success: true,
    since: expect.any(String),
  });
  const id = await submit();
  await eventually('it is told', () => live.types('jobs', id).length === 3);
  expect(live.types('jobs', id)).toEqual(wholeLife);
  expect(live.messages.at(-1)).toEqual({
    type: 'event',
    topic: 'jobs',
    event: {
      specversion: '1.0',
      id: expect.any(String),
      source: `/v1/jobs/${id}`,
      type: 'job.succeeded',
      subject: id,
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      data: { service: 'noop', state: 'succeeded', attempt: 1 },
    },
  });
  const { items } = JSON.parse((await call(`${server.url}/v1/jobs/${id}/events`)).body);
  expect(live.ids()).toEqual(items.map((event: { id: string }) => event.id));
});

test('a topic of one job tells of that job alone, until it is unsubscribed', async () => {
  const live = await openLive(server.url);
  const waiting = await submit('/v1/noop?runAt=1h');
  await live.ask({ id: 1, type: 'subscribe', topics: [`job:${waiting}`] });
  await ended(await submit());
  await call(`${server.url}/v1/jobs/${waiting}/cancel`, { method: 'POST' });
  await eventually('it is told', () => live.messages.length === 2);
  await live.ask({ id: 2, type: 'unsubscribe', topics: [`job:${waiting}`] });
  await call(`${server.url}/v1/jobs/${waiting}/retry`, { method: 'POST' });
  await ended(waiting);
  await live.ask({ id: 3, type: 'ping' });
  expect(live.told()).toEqual(['result', `job:${waiting} job.canceled`, 'result', 'result']);
});

test('since the start or any event the log is told in order, once, and then what happens', async () => {
  const first = await submit();
  await ended(first);
  const live = await openLive(server.url);
  live.send({ id: 1, type: 'subscribe', topics: ['jobs'], since: '0' });
  await live.ask({ id: 2, type: 'ping' });
  expect(live.told()).toEqual(['result', ...wholeLife.map((type) => `jobs ${type}`), 'result']);
  const [queued] = live.ids();
  const later = await openLive(server.url);
  later.send({ id: 1, type: 'subscribe', topics: [`job:${first}`], ...(queued === undefined ? {} : { since: queued }) });
  await later.ask({ id: 2, type: 'ping' });
  expect(later.types(`job:${first}`, first)).toEqual(wholeLife.slice(1));
});

test('who subscribes again and again under load gets every event once and in order', { timeout: 60_000 }, async () => {
  const whole = await openLive(server.url);
  await whole.ask({ id: 1, type: 'subscribe', topics: ['jobs'] });
  let loading = true;
  const load = Promise.all(
    [1, 2, 3].map(async () => {
      const ids: string[] = [];
      while (loading) ids.push(await submit());
      return ids;
    }),
  );
  const heard: string[] = [];
  let since = '0';
  for (let round = 0; round < 25; round += 1) {
    const live = await openLive(server.url);
    live.send({ id: 1, type: 'subscribe', topics: ['jobs'], since });
    await eventually('something is told', () => live.ids().length > 2);
    live.socket.terminate();
    heard.push(...live.ids());
    since = heard.at(-1) ?? since;
  }
  loading = false;
  const jobs = (await load).flat();
  for (const id of jobs) await ended(id);
  const last = await openLive(server.url);
  last.send({ id: 1, type: 'subscribe', topics: ['jobs'], since });
  await last.ask({ id: 2, type: 'ping' });
  heard.push(...last.ids());
  await eventually('the others are told as well', () => whole.ids().length >= jobs.length * 3);
  expect(heard).toEqual(whole.ids());
  expect(heard).toHaveLength(jobs.length * 3);
});

test('a removed job is told of, and its topic ends in not-found for who comes later', async () => {
  const id = await submit('/v1/noop?runAt=1h');
  const live = await openLive(server.url);
  await live.ask({ id: 1, type: 'subscribe', topics: [`job:${id}`] });
  await call(`${server.url}/v1/jobs/${id}`, { method: 'DELETE' });
  await eventually('it is told', () => live.types(`job:${id}`, id).includes('job.removed'));
  const result = await live.ask({ id: 2, type: 'subscribe', topics: ['jobs', `job:${id}`] });
  expect(result).toMatchObject({
    success: false,
    error: { type: '/problems/not-found', status: 404, instance: '/v1/live', errors: [{ pointer: '#/topics/1' }] },
  });
});

test('the queues are told at once and when they change', async () => {
  const live = await openLive(server.url);
  await live.ask({ id: 1, type: 'subscribe', topics: ['queues'] });
  await eventually('they are told', () => live.told().includes('queues queues.changed'));
  await call(`${server.url}/v1/queues/noop/pause`, { method: 'POST' });
  await eventually('the pause is told', () => JSON.stringify(live.messages.at(-1)).includes('"service":"noop","paused":true'));
  expect(live.messages.length).toBeLessThanOrEqual(4);
});

test.each([
  ['an unknown job', { id: 7, type: 'subscribe', topics: [`job:${newId()}`] }, 'not-found'],
  ['what is no id of a job', { id: 7, type: 'subscribe', topics: ['job:1'] }, 'not-found'],
  ['an unknown topic', { id: 7, type: 'subscribe', topics: ['devices'] }, 'validation-error'],
  ['no topics', { id: 7, type: 'subscribe', topics: [] }, 'validation-error'],
  ['an unknown member', { id: 7, type: 'ping', more: 1 }, 'validation-error'],
  ['an unknown command', { id: 7, type: 'shout' }, 'validation-error'],
  ['a since that is none of ours', { id: 7, type: 'subscribe', topics: ['jobs'], since: 'abc' }, 'invalid-cursor'],
  [
    'too many topics',
    { id: 7, type: 'subscribe', topics: Array.from({ length: 1_000 }, () => `job:${newId()}`) },
    'too-many-subscriptions',
  ],
])('%s is refused by a result, and the socket goes on', async (_name, command, slug) => {
  const live = await openLive(server.url);
  live.socket.send(JSON.stringify(command));
  await eventually('there is a result', () => live.messages.length === 1);
  expect(live.messages[0]).toMatchObject({ id: 7, type: 'result', success: false, error: { type: `/problems/${slug}` } });
  expect(await live.ask({ id: 8, type: 'ping' })).toEqual({ id: 8, type: 'result', success: true });
});

test.each([
  ['no JSON', '{"id":1,', 1007],
  ['no id', '{"type":"ping"}', 1007],
  ['an id that is no integer', '{"id":1.5,"type":"ping"}', 1007],
  ['no object', '[1]', 1007],
  ['names twice', '{"id":1,"id":2,"type":"ping"}', 1007],
  ['bytes', Buffer.from('{"id":1,"type":"ping"}'), 1003],
  ['more than 64 KB', JSON.stringify({ id: 1, type: 'subscribe', topics: ['x'.repeat(65_536)] }), 1009],
])('a message of %s closes the socket', async (_name, message, code) => {
  const live = await openLive(server.url);
  live.socket.send(message);
  expect(await live.closed).toBe(code);
});

test('a page of ours may open a socket, and a client that offers no subprotocol', async () => {
  expect(await askForUpgrade(server.port, { Origin: server.url })).toMatch(/^HTTP\/1.1 101 /);
  expect(await askForUpgrade(server.port, { 'Sec-WebSocket-Extensions': 'permessage-deflate' })).not.toMatch(
    /permessage-deflate/i,
  );
});

const h2c = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n';
const offering = (line: string, fields = '') => `${line} HTTP/1.1\r\nHost: localhost\r\n${h2c}${fields}\r\n`;

test('a request that offers another protocol is answered in this one, and the connection goes on', async () => {
  const warnings: string[] = [];
  process.on('warning', ({ message }) => warnings.push(message));
  const gets = Array.from({ length: 15 }, () => offering('GET /v1/services')).join('');
  const text = await exchange(server.port, gets + offering('GET /v1/jobs?limit=1'), (all) => all.includes('"nextCursor"'));
  expect(text.match(/HTTP\/1.1 200 /g)).toHaveLength(16);
  expect(warnings).toEqual([]);
  expect(await askForUpgrade(server.port, {}, '/v1/nothing')).toMatch(/^HTTP\/1.1 404 /);
});

test('one with a body is answered, too; where Node loses what comes behind it, the connection ends with that', async () => {
  const post = Buffer.concat([
    Buffer.from(offering('POST /v1/noop?fresh=true', `Content-Length: ${onePixelPng.length}\r\n`)),
    onePixelPng,
  ]);
  const bytes = Buffer.concat([...Array.from({ length: 15 }, () => post), Buffer.from(offering('GET /v1/jobs?limit=1'))]);
  const text = await exchange(server.port, bytes, (all) => all.includes('"nextCursor"') || /connection: close.*\}$/s.test(all));
  const isLast = asksBeforeUpgrade;
  expect(text.match(/HTTP\/1.1 202 /g)).toHaveLength(isLast ? 1 : 15);
  expect(text.match(/HTTP\/1.1 200 /g) ?? []).toHaveLength(isLast ? 0 : 1);
  expect(text.match(/connection: close/g) ?? []).toHaveLength(isLast ? 1 : 0);
  const { items } = JSON.parse((await call(`${server.url}/v1/jobs`)).body);
  expect(items).toHaveLength(isLast ? 1 : 15);
});

test('a server that stops sends its clients away with 1001 and takes no new ones', async () => {
  const live = await openLive(server.url);
  server.server.drain();
  expect(await live.closed).toBe(1001);
  expect(await askForUpgrade(server.port, {})).toMatch(/^HTTP\/1.1 503 .*retry-after: 5.*shutting-down/s);
});
