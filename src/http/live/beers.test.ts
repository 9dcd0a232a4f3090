import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { testService } from '../../../test/support/engine.ts';
import { call, openTestServer, type TestServer } from '../../../test/support/http-server.ts';
import { liveFaultsOf } from '../../../test/support/live-faults.ts';
import { bytesForReaders, clientFrame, type LiveClient, openLive, openRawLive } from '../../../test/support/live-socket.ts';
import { onePixelPng } from '../../../test/support/pictures.ts';
import { eventually } from '../../../test/support/program.ts';
import type { Beer } from '../../contracts/beers.ts';
import type { LiveCloudEvent } from '../../contracts/live.ts';
import { limits } from '../../core/limits.ts';

let server: TestServer;
beforeEach(async () => {
  server = await openTestServer({ services: [testService('noop', 'noop')] }, {}, { reportMs: 200 });
});
afterEach(() => server.closeAll());

async function pour(tapId: number, volume = 300, more: object = {}): Promise<Beer> {
  const body = JSON.stringify({ tapId, volume, ...more });
  const answer = await call(`${server.url}/v1/beers`, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
  if (answer.status >= 300) throw new Error(answer.body);
  return JSON.parse(answer.body);
}
const remove = (id: string) => call(`${server.url}/v1/beers/${id}`, { method: 'DELETE' });
const eventsOf = (live: LiveClient): LiveCloudEvent[] =>
  live.messages.flatMap((message) => (message.type === 'event' ? [message.event] : []));
/** What is told of single beers, in order. */
const changesOf = (events: readonly LiveCloudEvent[]) =>
  events.flatMap((event) =>
    event.type === 'beer.poured' || event.type === 'beer.deleted' ? [`${event.type} ${event.subject}`] : [],
  );

/** Counts what is told from the first beer on, and says where a report is not what it comes to. */
function wrongReports(events: readonly LiveCloudEvent[]): string[] {
  const counts = new Map<number, number>();
  const wrong: string[] = [];
  for (const event of events) {
    if (event.type === 'beer.poured') counts.set(event.data.tapId, (counts.get(event.data.tapId) ?? 0) + 1);
    if (event.type === 'beer.deleted') counts.set(event.data.tapId, (counts.get(event.data.tapId) ?? 0) - 1);
    if (event.type !== 'taps.report') continue;
    const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
    const told = event.data.taps.filter(({ beers }) => beers > 0);
    const expected = [...counts]
      .filter(([, beers]) => beers > 0)
      .map(([tapId, beers]) => ({ tapId, beers, share: beers / total }));
    const inOrder = (taps: readonly { tapId: number }[]) => JSON.stringify([...taps].sort((a, b) => a.tapId - b.tapId));
    if (event.data.total !== total || inOrder(told) !== inOrder(expected))
      wrong.push(`${JSON.stringify(event.data)} is not ${total}`);
  }
  return wrong;
}

test('every pour and removal is told to all as a CloudEvent, and then the shares', async () => {
  const taps = await Promise.all([1, 2, 3].map(() => openLive(server.url)));
  for (const [at, live] of taps.entries()) await live.ask({ id: 1, type: 'subscribe', topics: ['beers'], tap: at });
  const beer = await pour(7, 450);
  const other = await pour(8, 200);
  await remove(other.id);
  for (const live of taps) {
    await eventually('the removal and the report are told', () =>
      ['beers beer.deleted', 'beers taps.report'].every((one) => live.told().includes(one)),
    );
    const events = eventsOf(live);
    expect(events[0]).toEqual({
      specversion: '1.0',
      id: expect.any(String),
      source: `/v1/beers/${beer.id}`,
      type: 'beer.poured',
      subject: beer.id,
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      data: beer,
    });
    expect(changesOf(events)).toEqual([`beer.poured ${beer.id}`, `beer.poured ${other.id}`, `beer.deleted ${other.id}`]);
    expect(events.find(({ type }) => type === 'beer.deleted')).toMatchObject({ data: other });
    const report = events.find(({ type }) => type === 'taps.report');
    expect(report).toMatchObject({ source: '/v1/taps' });
    expect(wrongReports(events)).toEqual([]);
  }
  const faultsOf = liveFaultsOf((await call(`${server.url}/asyncapi.json`)).body);
  expect(faultsOf(taps.flatMap(({ messages }) => messages))).toEqual([]);
});

test('reports are exact at their place, however pours and removals come, and one follows the last change', async () => {
  const live = await openLive(server.url);
  await live.ask({ id: 1, type: 'subscribe', topics: ['beers'] });
  const pourSome = async (tap: number) => {
    for (let n = 0; n < 25; n += 1) {
      const { id } = await pour(tap);
      if (n % 3 === 0) await remove(id);
    }
  };
  await Promise.all([1, 2, 3, 4].map(pourSome));
  const reports = () => eventsOf(live).flatMap((event) => (event.type === 'taps.report' ? [event.data] : []));
  await eventually('the last report is told', () => reports().at(-1)?.total === 64);
  expect(wrongReports(eventsOf(live))).toEqual([]);
  expect(reports().length).toBeGreaterThan(1);
  expect(changesOf(eventsOf(live))).toHaveLength(136);
});

test('after the tenth pour the shares are told soon, and not again while nothing changes', async () => {
  await server.closeAll();
  server = await openTestServer({ services: [] }, {}, { reportMs: 3_600_000 });
  const live = await openLive(server.url);
  await live.ask({ id: 1, type: 'subscribe', topics: ['beers'] });
  for (let n = 0; n < 9; n += 1) await pour(1);
  await live.ask({ id: 2, type: 'ping' });
  expect(live.told()).not.toContain('beers taps.report');
  await pour(2);
  await eventually('the report is told', () => live.told().includes('beers taps.report'));
  expect(eventsOf(live).at(-1)).toMatchObject({
    type: 'taps.report',
    data: {
      total: 10,
      taps: [
        { tapId: 1, beers: 9, share: 0.9 },
        { tapId: 2, beers: 1, share: 0.1 },
      ],
    },
  });
});

test('since any event the log is told in order and once, with the events of jobs where both are subscribed', async () => {
  const whole = await openLive(server.url);
  await whole.ask({ id: 1, type: 'subscribe', topics: ['beers', 'jobs'] });
  const submit = () => call(`${server.url}/v1/noop?fresh=true&runAt=1h`, { method: 'POST', body: onePixelPng });
  let loading = true;
  const load = Promise.all(
    [1, 2].map(async (tap) => {
      for (let n = 0; loading; n += 1) {
        const { id } = await pour(tap);
        if (n % 4 === 0) await remove(id);
        if (n % 5 === 0) await submit();
      }
    }),
  );
  const heard: string[] = [];
  let since = '0';
  for (let round = 0; round < 15; round += 1) {
    const live = await openLive(server.url);
    live.send({ id: 1, type: 'subscribe', topics: ['jobs', 'beers'], since });
    await eventually('something is told', () => live.ids().length > 2);
    live.socket.terminate();
    heard.push(...live.ids());
    since = heard.at(-1) ?? since;
  }
  loading = false;
  await load;
  const last = await openLive(server.url);
  last.send({ id: 1, type: 'subscribe', topics: ['beers', 'jobs'], since });
  await last.ask({ id: 2, type: 'ping' });
  heard.push(...last.ids());
  const known = new Set(heard);
  await eventually('the others are told as well', () => whole.ids().length >= known.size);
  // A report may have followed since.
  expect(heard).toEqual(whole.ids().slice(0, heard.length));
  expect(heard).toHaveLength(known.size);
  expect(wrongReports(eventsOf(whole))).toEqual([]);
}, 60_000);

test('more than a page of the log is told to who comes late', async () => {
  const ids: string[] = [];
  for (let n = 0; n < 12; n += 1) {
    ids.push(...(await Promise.all(Array.from({ length: 100 }, () => pour(1)))).map(({ id }) => id));
  }
  const live = await openLive(server.url);
  live.send({ id: 1, type: 'subscribe', topics: ['beers'], since: '0' });
  await live.ask({ id: 2, type: 'ping' });
  expect(changesOf(eventsOf(live)).sort()).toEqual(ids.map((id) => `beer.poured ${id}`).sort());
}, 60_000);

test('the list of taps is told to who subscribes, and when it changes', async () => {
  const live = await openLive(server.url);
  await live.ask({ id: 1, type: 'subscribe', topics: ['taps'] });
  const lists = () => eventsOf(live).flatMap((event) => (event.type === 'taps.changed' ? [event.data.items] : []));
  await eventually('it is told', () => lists().length === 1);
  expect(lists()).toEqual([[]]);
  const tap = await openLive(server.url);
  await tap.ask({ id: 1, type: 'subscribe', topics: ['beers'], tap: 7 });
  await eventually('the socket is told', () => lists().at(-1)?.[0]?.sockets === 1);
  expect(lists().at(-1)).toEqual([{ tapId: 7, beers: 0, share: 0, sockets: 1 }]);
  await tap.ask({ id: 2, type: 'subscribe', topics: ['beers'], tap: 8 });
  await pour(8);
  await eventually('the pour is told', () => lists().at(-1)?.[0]?.beers === 1);
  expect(lists().at(-1)).toEqual([{ tapId: 8, beers: 1, share: 1, sockets: 1 }]);
  tap.socket.close();
  await eventually('the end of the socket is told', () => lists().at(-1)?.[0]?.sockets === 0);
  expect(tap.told()).not.toContain('taps taps.changed');
});

test('a tap that is none is refused by a result', async () => {
  const live = await openLive(server.url);
  for (const tap of [-1, 1.5, '7', null]) {
    live.messages.length = 0;
    live.socket.send(JSON.stringify({ id: 1, type: 'subscribe', topics: ['beers'], tap }));
    await eventually('there is a result', () => live.messages.length === 1);
    expect(live.messages[0]).toMatchObject({ success: false, error: { status: 422, errors: [{ pointer: '#/tap' }] } });
  }
  expect(JSON.parse((await call(`${server.url}/v1/taps`)).body)).toEqual({ items: [] });
});

test('a place that is beyond the log is answered with resync', async () => {
  const live = await openLive(server.url);
  live.send({ id: 1, type: 'subscribe', topics: ['beers'], since: Buffer.from('e999').toString('base64url') });
  await live.ask({ id: 2, type: 'ping' });
  expect(live.told()).toEqual(['result', 'resync', 'result']);
  await pour(1);
  await eventually('it is told', () => live.told().includes('beers beer.poured'));
});

test('a reader that is stuck is closed with 1013, and the others hear all', async () => {
  await server.closeAll();
  server = await openTestServer({ services: [] }, {}, { reportMs: 20 });
  // Many taps make large reports, so that soon more waits than the system and the server hold for a reader.
  let count = 0;
  for (; count < 2_000; count += 100) await Promise.all(Array.from({ length: 100 }, (_, at) => pour(count + at)));
  const stuck = await openRawLive(server.port);
  stuck.socket.write(clientFrame(0x81, JSON.stringify({ id: 1, type: 'subscribe', topics: ['beers'] })));
  await eventually('it is subscribed', () => stuck.received().includes('"success":true'));
  stuck.socket.pause();
  const live = await openLive(server.url);
  await live.ask({ id: 1, type: 'subscribe', topics: ['beers'] });
  const first = count;
  await eventually(
    'more waits than may',
    async () => {
      await pour(count);
      count += 1;
      return (await bytesForReaders(server.url)) > limits.liveBufferBytesMax;
    },
    60_000,
  );
  await pour(count);
  count += 1;
  stuck.socket.resume();
  await eventually('it is told why', () => stuck.closeCode() === 1013, 30_000);
  await eventually('the other hears all', () => changesOf(eventsOf(live)).length === count - first, 30_000);
  expect(new Set(changesOf(eventsOf(live))).size).toBe(count - first);
  expect(live.socket.readyState).toBe(live.socket.OPEN);
  stuck.socket.destroy();
}, 120_000);

test('an event stream tells the same, resumes behind Last-Event-ID, and says where it begins', async () => {
  const first = await pour(1);
  const stream = async (headers: Record<string, string> = {}, query = '') => {
    const socket = connect(server.port, '127.0.0.1');
    await once(socket, 'connect');
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    const lines = Object.entries({ host: 'localhost', accept: 'text/event-stream', ...headers }).map(
      ([name, value]) => `${name}: ${value}\r\n`,
    );
    socket.write(`GET /v1/beers/events${query} HTTP/1.1\r\n${lines.join('')}\r\n`);
    return {
      text: () => text,
      /** Without the reports, which come when it is time for them. */
      events: () =>
        [...text.matchAll(/id: (\S+)\nevent: (\S+)\ndata: (.*)\n\n/g)]
          .map(([, id = '', type, json = '']) => ({ id, type, data: JSON.parse(json) }))
          .filter(({ type }) => type !== 'taps.report'),
      end: () => socket.destroy(),
    };
  };
  const live = await stream();
  await eventually('it begins', () => live.events().length >= 1);
  expect(live.events()[0]?.type).toBe('start');
  const second = await pour(2);
  await remove(second.id);
  await eventually('both are told', () => live.events().length >= 3);
  expect(live.events().slice(1, 3)).toMatchObject([
    { type: 'beer.poured', data: { type: 'beer.poured', subject: second.id, data: second } },
    { type: 'beer.deleted', data: { type: 'beer.deleted', subject: second.id } },
  ]);
  const behind = await stream({ 'last-event-id': live.events()[1]?.id ?? '' });
  await eventually('the removal is told', () => behind.events().length >= 1);
  expect(behind.events()[0]).toEqual(live.events()[2]);
  const all = await stream({}, '?since=0');
  await eventually('all is told', () => all.events().length >= 3);
  expect(all.events()[0]).toMatchObject({ type: 'beer.poured', data: { subject: first.id } });
  const beyond = await stream({ 'last-event-id': Buffer.from('e999').toString('base64url') });
  await eventually('it is told', () => beyond.events().length >= 1);
  expect(beyond.events()[0]).toMatchObject({ type: 'resync' });
  const wrong = await call(`${server.url}/v1/beers/events?since=x`);
  expect([wrong.status, JSON.parse(wrong.body).type]).toEqual([400, '/problems/invalid-cursor']);
  server.server.drain();
  await eventually('it ends with the server', () => live.text().endsWith('0\r\n\r\n'));
  for (const each of [live, behind, all, beyond]) each.end();
});

test('what has happened can be asked for page by page, too', async () => {
  const list = async (query = '') => JSON.parse((await call(`${server.url}/v1/beers/events${query}`)).body);
  const before = await list();
  expect(before).toEqual({ items: [], since: expect.any(String), resync: false });
  const beer = await pour(1);
  const after = await list(`?since=${before.since}`);
  expect(after).toMatchObject({ items: [{ type: 'beer.poured', subject: beer.id, data: beer }], resync: false });
  expect(after.since).toBe(after.items[0].id);
  expect((await list('?since=0')).items[0]).toEqual(after.items[0]);
  expect(await list(`?since=${Buffer.from('e999').toString('base64url')}`)).toMatchObject({ items: [], resync: true });
});
