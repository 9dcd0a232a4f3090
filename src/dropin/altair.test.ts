import { once } from 'node:events';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { testService } from '../../test/support/engine.ts';
import { call, openTestServer, type RawAnswer, type TestServer } from '../../test/support/http-server.ts';
import { askForUpgrade, openLive } from '../../test/support/live-socket.ts';
import { eventually } from '../../test/support/program.ts';
import { systemClock } from '../core/clock.ts';
import { altair } from './altair.ts';

let server: TestServer;

beforeEach(async () => {
  server = await openTestServer(
    { services: [testService('noop', 'noop')] },
    {},
    {
      reportMs: 3_600_000,
      dropIns: ({ engine, parts, taps }) => [
        altair({
          engine,
          taps,
          clock: systemClock,
          log: parts.log,
          measures: parts.measures,
          settings: { uploadBytesMax: 1_000, publicUrl: null },
        }),
      ],
    },
  );
});
afterEach(() => server.closeAll());

const ask = (path: string, method = 'GET') => call(`${server.url}${path}`, { method });
const post = (body: string | object, headers: Record<string, string> = {}) =>
  call(`${server.url}/api/beers`, { method: 'POST', headers, body: typeof body === 'string' ? body : JSON.stringify(body) });
const told = ({ status, body }: RawAnswer) => ({ status, body: JSON.parse(body) });
const idsOf = ({ body }: RawAnswer) => JSON.parse(body).beers.map(({ id }: { id: number }) => id);

async function pourMany(count: number, volumeOf = (_at: number) => 500): Promise<void> {
  for (let at = 0; at < count; at++) await server.taps.pour({ tapId: (at % 3) + 1, volume: volumeOf(at) });
}

/** A client that only listens, as those of Altair do. */
async function openTap(path = '/sockets/beers') {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}${path}`);
  const texts: string[] = [];
  socket.on('message', (data) => texts.push(String(data)));
  await once(socket, 'open');
  return { socket, texts, heard: (text: string) => eventually(`${text} is told`, () => texts.includes(text)) };
}

test('a beer is poured, read, listed and deleted in the shapes of the document', async () => {
  const poured = await post({ tapId: 1, volume: 250.5 }, { 'content-type': 'application/json' });
  const { timestamp } = JSON.parse(poured.body).beer;
  // In UTC without saying so, as Python writes it.
  expect(timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/);
  expect(Math.abs(Date.parse(`${timestamp}Z`) - Date.now())).toBeLessThan(60_000);
  const beer = `{"id":0,"type":"half","volume":250.5,"timestamp":"${timestamp}","tapId":1}`;
  expect(poured).toMatchObject({
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: `{"beer":${beer}}`,
  });
  expect(await ask('/api/beers/0')).toMatchObject({ status: 200, body: `{"beer":${beer}}` });
  expect(await ask('/api/beers')).toMatchObject({ status: 200, body: `{"beers":[${beer}]}` });
  expect(await ask('/api/beers/0', 'DELETE')).toMatchObject({ status: 200, body: '' });
  const gone = { status: 404, body: { status: 404, message: 'Beer with id 0 not found' } };
  expect(told(await ask('/api/beers/0'))).toEqual(gone);
  expect(told(await ask('/api/beers/0', 'DELETE'))).toEqual(gone);
  expect(told(await post({ tapId: 1, volume: 100 })).body.beer.id).toBe(1);
});

test('the volume decides the glass', async () => {
  const glasses = { 100: 'half', 300: 'half', 300.1: 'pint', 800: 'pint', 800.1: 'stein', 1000: 'stein' };
  for (const [volume, type] of Object.entries(glasses)) {
    expect(told(await post({ tapId: 7, volume: Number(volume) })).body.beer).toMatchObject({ volume: Number(volume), type });
  }
});

test('where there is no glass nothing is poured, and no id is used up', async () => {
  for (const volume of [99.9, 1000.1, 0, -500, 1e300]) {
    expect(await post({ tapId: 1, volume })).toMatchObject({
      status: 403,
      body: '{"status":403,"message":"There is no glass type for the specified volume"}',
    });
  }
  expect(told(await post({ tapId: 1, volume: 500 })).body.beer.id).toBe(0);
});

test('the tap may be text of digits, and other members are passed over, whatever the Content-Type', async () => {
  const { body } = told(await post({ tapId: '12', volume: 400, brand: '<b>', nested: [1] }, { 'content-type': 'text/plain' }));
  expect(body.beer).toMatchObject({ tapId: 12, volume: 400 });
  expect(Object.keys(body.beer)).toEqual(['id', 'type', 'volume', 'timestamp', 'tapId']);
});

const faults = {
  nothing: '',
  'no JSON': '{"tapId": 1, "volume": 500',
  'a volume that is no JSON': '{"tapId": 1, "volume": NaN}',
  'a list': '[1]',
  null: 'null',
  'no tap': '{"volume": 500}',
  'no volume': '{"tapId": 1}',
  'a volume as text': '{"tapId": 1, "volume": "500"}',
  'a volume that is true': '{"tapId": 1, "volume": true}',
  'a tap that is an object': '{"tapId": {"a": 1}, "volume": 500}',
  'a tap that is HTML': '{"tapId": "<script>", "volume": 500}',
  'a tap below zero': '{"tapId": -1, "volume": 500}',
  'half a tap': '{"tapId": 1.5, "volume": 500}',
  'a tap that is too large': '{"tapId": 1e30, "volume": 500}',
  'a tap that is told twice': '{"tapId": 1, "tapId": 2, "volume": 500}',
};

test('a fault of the client is told as one; nothing is stored or broadcast', async () => {
  const tap = await openTap();
  for (const [what, body] of Object.entries(faults)) {
    const answer = told(await post(body));
    expect({ what, ...answer }).toEqual({ what, status: 400, body: { status: 400, message: expect.stringMatching(/./) } });
  }
  expect((await server.taps.beers({ offset: 0, limit: 1 })).total).toBe(0);
  await server.taps.pour({ tapId: 1, volume: 500 });
  await tap.heard('Tap with id 1 posted a new beer (id: 0)!');
  expect(tap.texts).toHaveLength(1);
});

test('a body that is far too long is refused', async () => {
  const answer = told(await post(JSON.stringify({ tapId: 1, volume: 500, more: 'x'.repeat(200_000) })));
  expect(answer).toEqual({ status: 413, body: { status: 413, message: expect.any(String) } });
});

test('of an id that is none there is no beer', async () => {
  for (const id of ['x', '-1', '1.5', '99999999999999999999', '%00', '7']) {
    const message = `Beer with id ${decodeURIComponent(id)} not found`;
    for (const method of ['GET', 'DELETE']) {
      expect(told(await ask(`/api/beers/${id}`, method))).toEqual({ status: 404, body: { status: 404, message } });
    }
  }
});

test('the list has 50 beers a page in the order in which they were poured, and any page asked for', async () => {
  await pourMany(53, (at) => (at % 2 === 0 ? 200 : 500));
  const upTo = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at);
  const cases: readonly [string, number[]][] = [
    ['', upTo(0, 50)],
    ['?page=2', upTo(50, 53)],
    ['?page=3', []],
    ['?page_size=5', upTo(0, 5)],
    ['?page=2&page_size=5', upTo(5, 10)],
    ['?page=11&page_size=5', upTo(50, 53)],
    ['?page_size=1000000', upTo(0, 53)],
    ['?page=1&page=2&page_size=5', upTo(5, 10)],
    // The filter comes before the pages.
    ['?type=half&page_size=3', [0, 2, 4]],
    ['?type=pint&page=2&page_size=3', [7, 9, 11]],
    ['?type=stein', []],
    ['?type=jug', []],
    ['?type=', upTo(0, 50)],
    ['?page=0', []],
    ['?page_size=0', []],
    ['?page_size=-5', []],
    // It had given beers from the end.
    ['?page=-1', []],
    ['?page=999999999999999&page_size=999999999999999', []],
  ];
  for (const [query, ids] of cases) {
    const answer = await ask(`/api/beers${query}`);
    expect({ query, status: answer.status, ids: idsOf(answer) }).toEqual({ query, status: 200, ids });
  }
  for (const query of ['?page=x', '?page=', '?page_size=1.5', '?page=NaN', '?page=%00']) {
    const answer = told(await ask(`/api/beers${query}`));
    expect({ query, ...answer }).toEqual({
      query,
      status: 400,
      body: { status: 400, message: expect.stringContaining('whole number') },
    });
  }
});

test('every socket is told of every beer, whoever poured it, and of every one that is deleted', async () => {
  const taps = [await openTap(), await openTap(), await openTap('/socket/beers')];
  await post({ tapId: 4, volume: 300 });
  const own = await call(`${server.url}/v1/beers`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"tapId":9,"volume":900}',
  });
  expect(own.status).toBe(201);
  await ask('/api/beers/0', 'DELETE');
  await ask('/api/beers/0', 'DELETE');
  await call(`${server.url}/v1/beers/${JSON.parse(own.body).id}`, { method: 'DELETE' });
  for (const { texts, heard } of taps) {
    await heard('{"total beers": 0}');
    expect(texts).toEqual([
      'Tap with id 4 posted a new beer (id: 0)!',
      'Tap with id 9 posted a new beer (id: 1)!',
      'Beer 0 deleted from the collection',
      'Beer 1 deleted from the collection',
      '{"total beers": 0}',
    ]);
  }
});

test('what is poured here is told at /v1/live, too', async () => {
  const live = await openLive(server.url);
  await live.ask({ id: 1, type: 'subscribe', topics: ['beers'] });
  await post({ tapId: 4, volume: 300 });
  await eventually('it is told', () => live.told().includes('beers beer.poured'));
});

test('after every tenth beer more or less the shares are told, also to who came when there were beers already', async () => {
  await pourMany(8);
  const tap = await openTap();
  // At once: whatever the server has to find out first, no report is missed.
  await post({ tapId: 9, volume: 500 });
  await post({ tapId: 9, volume: 500 });
  const report = '{"tap 1": "30.0%", "tap 2": "30.0%", "tap 3": "20.0%", "tap 9": "20.0%", "total beers": 10}';
  await tap.heard(report);
  expect(tap.texts.filter((text) => text.startsWith('{'))).toEqual([report]);
  await post({ tapId: 3, volume: 500 });
  await ask('/api/beers/0', 'DELETE');
  const after = '{"tap 1": "20.0%", "tap 2": "30.0%", "tap 3": "30.0%", "tap 9": "20.0%", "total beers": 10}';
  await tap.heard(after);
  expect(tap.texts).toEqual([
    'Tap with id 9 posted a new beer (id: 8)!',
    'Tap with id 9 posted a new beer (id: 9)!',
    report,
    'Tap with id 3 posted a new beer (id: 10)!',
    'Beer 0 deleted from the collection',
    after,
  ]);
});

test('of many beers at once each is told once, in order, and each tenth report is right', async () => {
  const tap = await openTap();
  const tapIds = Array.from({ length: 200 }, (_, at) => (at * 7) % 4);
  await Promise.all(tapIds.map((tapId) => post({ tapId, volume: 500 })));
  await eventually('all is told', () => tap.texts.length === 220);
  const counts = new Map<number, number>();
  let number = 0;
  for (const text of tap.texts) {
    const [, tapId] = /^Tap with id (\d) posted a new beer \(id: (\d+)\)!$/.exec(text) ?? [];
    if (tapId !== undefined) {
      expect(text).toBe(`Tap with id ${tapId} posted a new beer (id: ${number++})!`);
      counts.set(Number(tapId), (counts.get(Number(tapId)) ?? 0) + 1);
    } else {
      expect(number % 10).toBe(0);
      const { 'total beers': total, ...shares } = JSON.parse(text);
      expect(total).toBe(number);
      expect(Object.keys(shares)).toEqual([...counts.keys()].map((id) => `tap ${id}`));
      for (const [id, beers] of counts) expect(Number.parseFloat(shares[`tap ${id}`])).toBeCloseTo((beers / total) * 100, 2);
    }
  }
});

test('a socket that comes after the last one has gone is told anew', async () => {
  for (let round = 0; round < 3; round++) {
    const tap = await openTap();
    for (let at = 0; at < 10; at++) await post({ tapId: 1, volume: 500 });
    await tap.heard(`{"tap 1": "100.0%", "total beers": ${(round + 1) * 10}}`);
    expect(tap.texts).toHaveLength(11);
    tap.socket.close();
    await once(tap.socket, 'close');
  }
});

test('what a client says is passed over, and pages of other origins get no socket', async () => {
  const tap = await openTap();
  tap.socket.send('hello');
  tap.socket.send(Buffer.of(1, 2, 3));
  await post({ tapId: 1, volume: 500 });
  await tap.heard('Tap with id 1 posted a new beer (id: 0)!');
  const refused = await askForUpgrade(server.port, { Origin: 'http://evil.example' }, '/sockets/beers');
  expect(refused).toMatch(/^HTTP\/1\.1 403 /);
  const own = await askForUpgrade(server.port, { Origin: `http://127.0.0.1:${server.port}` }, '/sockets/beers');
  expect(own).toMatch(/^HTTP\/1\.1 101 /);
  const foreign = await post({ tapId: 1, volume: 500 }, { origin: 'http://evil.example' });
  expect(told(foreign)).toEqual({ status: 403, body: { status: 403, message: expect.any(String) } });
});
