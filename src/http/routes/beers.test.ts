import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { call, openTestServer, type RawAnswer, type TestServer } from '../../../test/support/http-server.ts';
import { openLive } from '../../../test/support/live-socket.ts';
import { eventually } from '../../../test/support/program.ts';
import type { Beer, BeerPage } from '../../contracts/beers.ts';
import { newId } from '../../core/ids.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer({ services: [] });
});
afterAll(() => server.closeAll());
/** Each test begins without a beer. */
afterEach(async () => {
  for (const { id } of (await list('?page_size=500')).items) await call(`${server.url}/v1/beers/${id}`, { method: 'DELETE' });
});

const jsonType = { 'content-type': 'application/json' };
const post = (body: string | Buffer, headers: Record<string, string> = {}): Promise<RawAnswer> =>
  call(`${server.url}/v1/beers`, { method: 'POST', body, headers: { ...jsonType, ...headers } });
const pour = (tapId: number, volume: number, more: object = {}) => post(JSON.stringify({ tapId, volume, ...more }));
const poured = async (...about: Parameters<typeof pour>): Promise<Beer> => JSON.parse((await pour(...about)).body);
const list = async (query = ''): Promise<BeerPage> => JSON.parse((await call(`${server.url}/v1/beers${query}`)).body);
const problemOf = ({ status, body }: RawAnswer) => {
  const { type, errors = [] }: { type: string; errors?: { pointer: string }[] } = JSON.parse(body);
  return { status, slug: type.replace('/problems/', ''), pointers: errors.map(({ pointer }) => pointer) };
};

test('a pour becomes a beer that can be read, listed and removed', async () => {
  const answer = await pour(7, 450);
  expect(answer.status).toBe(201);
  const beer: Beer = JSON.parse(answer.body);
  expect(beer).toEqual({
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    tapId: 7,
    volume: 450,
    type: 'pint',
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
  });
  const path = `/v1/beers/${beer.id}`;
  expect(answer.headers.location).toBe(path);
  expect(JSON.parse((await call(server.url + path)).body)).toEqual(beer);
  expect(await list()).toEqual({ items: [beer], page: 1, pageSize: 50, total: 1 });
  expect((await call(server.url + path, { method: 'DELETE' })).status).toBe(204);
  for (const method of ['DELETE', 'GET']) {
    expect(problemOf(await call(server.url + path, { method }))).toMatchObject({ status: 404, slug: 'not-found' });
  }
  expect(await list()).toEqual({ items: [], page: 1, pageSize: 50, total: 0 });
});

test.each(['nothing', newId(), '0'])('there is no beer %s', async (id) => {
  for (const method of ['DELETE', 'GET']) {
    expect((await call(`${server.url}/v1/beers/${id}`, { method })).status).toBe(404);
  }
});

const deep = `${'['.repeat(100)}${']'.repeat(100)}`;
const invalid = (pointer: string) => ({ status: 422, slug: 'validation-error', pointers: [pointer] });
const malformed = { status: 400, slug: 'malformed-json', pointers: [] };
const ahead = () => new Date(Date.now() + 3_600_000).toISOString();

describe('a pour that is wrong is refused, and nothing is stored or told', () => {
  test.each([
    ['less than the smallest glass', '{"tapId":1,"volume":99.9}', invalid('#/volume')],
    ['more than the largest glass', '{"tapId":1,"volume":1000.1}', invalid('#/volume')],
    ['nothing', '{"tapId":1,"volume":0}', invalid('#/volume')],
    ['less than nothing', '{"tapId":1,"volume":-300}', invalid('#/volume')],
    ['a volume as text', '{"tapId":1,"volume":"300"}', invalid('#/volume')],
    ['a volume that is true', '{"tapId":1,"volume":true}', invalid('#/volume')],
    ['a volume that is null', '{"tapId":1,"volume":null}', invalid('#/volume')],
    ['a volume in a list', '{"tapId":1,"volume":[300]}', invalid('#/volume')],
    ['no volume', '{"tapId":1}', invalid('#/volume')],
    ['NaN as text', '{"tapId":1,"volume":"NaN"}', invalid('#/volume')],
    ['NaN', '{"tapId":1,"volume":NaN}', malformed],
    ['Infinity', '{"tapId":1,"volume":1e999}', malformed],
    ['no tap', '{"volume":300}', invalid('#/tapId')],
    ['a tap as text', '{"tapId":"1","volume":300}', invalid('#/tapId')],
    ['a tap below zero', '{"tapId":-1,"volume":300}', invalid('#/tapId')],
    ['half a tap', '{"tapId":1.5,"volume":300}', invalid('#/tapId')],
    ['a tap beyond all integers', '{"tapId":9007199254740993,"volume":300}', invalid('#/tapId')],
    ['a tap that is true', '{"tapId":true,"volume":300}', invalid('#/tapId')],
    ['a tap that is an object', '{"tapId":{"id":1},"volume":300}', invalid('#/tapId')],
    ['an unknown field', '{"tapId":1,"volume":300,"size":1}', invalid('#/size')],
    ['an id of its own', `{"tapId":1,"volume":300,"id":"${newId()}"}`, invalid('#/id')],
    ['an empty readingId', '{"tapId":1,"volume":300,"readingId":""}', invalid('#/readingId')],
    ['a readingId that is too long', `{"tapId":1,"volume":300,"readingId":"${'x'.repeat(201)}"}`, invalid('#/readingId')],
    ['a readingId that is a number', '{"tapId":1,"volume":300,"readingId":1}', invalid('#/readingId')],
    ['half a surrogate pair', '{"tapId":1,"volume":300,"readingId":"\\ud800"}', malformed],
    ['a time that is none', '{"tapId":1,"volume":300,"pouredAt":"yesterday"}', invalid('#/pouredAt')],
    ['a date', '{"tapId":1,"volume":300,"pouredAt":"2026-01-01"}', invalid('#/pouredAt')],
    ['a day that there is not', '{"tapId":1,"volume":300,"pouredAt":"2026-02-30T12:00:00Z"}', invalid('#/pouredAt')],
    ['a time as a number', '{"tapId":1,"volume":300,"pouredAt":1700000000000}', invalid('#/pouredAt')],
    ['a time before 1970', '{"tapId":1,"volume":300,"pouredAt":"1969-12-31T23:59:59Z"}', invalid('#/pouredAt')],
    ['an hour ahead', `{"tapId":1,"volume":300,"pouredAt":"${ahead()}"}`, invalid('#/pouredAt')],
    ['centuries ahead', '{"tapId":1,"volume":300,"pouredAt":"9999-12-31T23:59:59Z"}', invalid('#/pouredAt')],
    ['a list of pours', '[{"tapId":1,"volume":300}]', invalid('#')],
    ['null', 'null', invalid('#')],
    ['a number', '300', invalid('#')],
    ['no JSON', '{"tapId":1,', malformed],
    ['nothing at all', '', malformed],
    ['a name twice', '{"tapId":1,"tapId":2,"volume":300}', malformed],
    ['a reserved name', '{"tapId":1,"volume":300,"__proto__":{}}', malformed],
    ['what is nested too deep', `{"tapId":1,"volume":300,"readingId":${deep}}`, malformed],
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), malformed],
    [
      'a body that is too large',
      `{"tapId":1,"volume":300,"readingId":"${'x'.repeat(20_000)}"}`,
      { status: 413, slug: 'payload-too-large', pointers: [] },
    ],
  ])('%s', async (_name, body, expected) => {
    const live = await openLive(server.url);
    await live.ask({ id: 1, type: 'subscribe', topics: ['beers'] });
    expect(problemOf(await post(body))).toEqual(expected);
    expect((await list()).total).toBe(0);
    await poured(1, 300);
    // Nothing was poured before the good one.
    await eventually('the good one is told', () => live.told().includes('beers beer.poured'));
    expect(live.told().filter((told) => told === 'beers beer.poured')).toHaveLength(1);
    live.socket.terminate();
    expect((await list()).total).toBe(1);
  });

  test('more than one thing is told at once', async () => {
    expect(problemOf(await post('{"tapId":"a","volume":5,"more":1}')).pointers.sort()).toEqual(['#/more', '#/tapId', '#/volume']);
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', ''])('a body of the type "%s" is not taken', async (type) => {
    const answer = await call(`${server.url}/v1/beers`, {
      method: 'POST',
      body: '{}',
      headers: type === '' ? {} : { 'content-type': type },
    });
    expect(problemOf(answer)).toMatchObject({ status: 415, slug: 'unsupported-media-type' });
  });

  test('what belongs into the body is not taken from the address', async () => {
    const answer = await call(`${server.url}/v1/beers?tapId=1`, {
      method: 'POST',
      body: '{"tapId":1,"volume":300}',
      headers: jsonType,
    });
    expect(problemOf(answer)).toEqual(invalid('#/tapId'));
  });
});

test('a tap may be number 0, and a time may be a little ahead or long ago', async () => {
  expect(await poured(0, 100)).toMatchObject({ tapId: 0, volume: 100, type: 'half' });
  expect(JSON.parse((await post('{"tapId":-0,"volume":1e3}')).body)).toMatchObject({ tapId: 0, volume: 1000, type: 'stein' });
  expect(await poured(1, 300.5, { pouredAt: '1970-01-01T01:00:00+01:00' })).toMatchObject({
    type: 'pint',
    timestamp: '1970-01-01T00:00:00.000Z',
  });
  expect((await pour(1, 300, { pouredAt: new Date(Date.now() + 30_000).toISOString() })).status).toBe(201);
});

describe('a readingId counts once a tap', () => {
  test('sent again it is answered with 200 and the beer that there is', async () => {
    const first = await pour(7, 300, { readingId: 'r1' });
    const again = await pour(7, 300, { readingId: 'r1' });
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(again.body).toBe(first.body);
    expect(again.headers.location).toBe(first.headers.location);
    expect((await pour(8, 300, { readingId: 'r1' })).status).toBe(201);
    expect((await list()).total).toBe(2);
  });

  test('with another volume or time it is a conflict', async () => {
    const at = '2026-01-01T00:00:00.000Z';
    await pour(7, 300, { readingId: 'r2', pouredAt: at });
    const conflict = (pointer: string) => ({ status: 409, slug: 'reading-conflict', pointers: [pointer] });
    expect(problemOf(await pour(7, 301, { readingId: 'r2', pouredAt: at }))).toEqual(conflict('#/volume'));
    expect(problemOf(await pour(7, 300, { readingId: 'r2', pouredAt: '2026-01-01T00:00:01Z' }))).toEqual(conflict('#/pouredAt'));
    expect((await pour(7, 300, { readingId: 'r2', pouredAt: '2026-01-01T01:00:00+01:00' })).status).toBe(200);
    expect((await pour(7, 300, { readingId: 'r2' })).status).toBe(200);
    expect((await list()).total).toBe(1);
  });

  test('whose beer was deleted does not bring it back', async () => {
    const beer = await poured(7, 300, { readingId: 'r3' });
    await call(`${server.url}/v1/beers/${beer.id}`, { method: 'DELETE' });
    expect(problemOf(await pour(7, 300, { readingId: 'r3' }))).toMatchObject({ status: 410, slug: 'reading-removed' });
    expect((await list()).total).toBe(0);
  });

  test('sent many times at once it makes one beer', async () => {
    const answers = await Promise.all(Array.from({ length: 40 }, () => pour(7, 300, { readingId: 'same' })));
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array.from({ length: 39 }, () => 200), 201]);
    expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
    expect((await list()).total).toBe(1);
  });
});

test('an Idempotency-Key makes one beer, and gives the first answer again', async () => {
  const key = { 'idempotency-key': 'k1' };
  const first = await post('{"tapId":1,"volume":300}', key);
  const again = await post('{ "volume": 300, "tapId": 1 }', key);
  expect([first.status, again.status]).toEqual([201, 201]);
  expect(again.headers['idempotent-replayed']).toBe('true');
  expect(again.body).toBe(first.body);
  expect(problemOf(await post('{"tapId":1,"volume":301}', key))).toMatchObject({ status: 422, slug: 'idempotency-key-reused' });
  expect((await list()).total).toBe(1);
});

describe('the list of beers', () => {
  const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
  beforeEach(async () => {
    for (let n = 0; n < 12; n += 1) await pour(n % 3, n % 2 === 0 ? 200 : 500, { pouredAt: at(n) });
  });
  const seconds = ({ items }: BeerPage) => items.map(({ timestamp }) => new Date(timestamp).getUTCSeconds());

  test('is told newest first, page by page, with a total', async () => {
    expect(await list('?page_size=5')).toMatchObject({ page: 1, pageSize: 5, total: 12 });
    expect(seconds(await list('?page_size=5'))).toEqual([11, 10, 9, 8, 7]);
    expect(seconds(await list('?page_size=5&page=3'))).toEqual([1, 0]);
    expect(await list('?page=4&page_size=5')).toEqual({ items: [], page: 4, pageSize: 5, total: 12 });
    expect(await list('?page=1000000000&page_size=500')).toMatchObject({ items: [], total: 12 });
  });

  test.each([
    ['?type=half', [10, 8, 6, 4, 2, 0]],
    ['?type=stein', []],
    ['?tapId=1', [10, 7, 4, 1]],
    ['?tapId=1&type=half', [10, 4]],
    ['?tapId=99', []],
    [`?from=${at(9)}`, [11, 10, 9]],
    [`?to=${at(2)}`, [1, 0]],
    [`?from=${at(3)}&to=${at(9)}&type=pint`, [7, 5, 3]],
    [`?from=${at(3)}&to=${at(9)}&type=pint&tapId=0`, [3]],
    [`?from=${at(9)}&to=${at(3)}`, []],
  ])('%s', async (query, expected) => {
    const page = await list(query);
    expect(seconds(page)).toEqual(expected);
    expect(page.total).toBe(expected.length);
  });

  test.each([
    ['?page=0', '#/page'],
    ['?page=-1', '#/page'],
    ['?page=1.5', '#/page'],
    ['?page=a', '#/page'],
    ['?page=1e99', '#/page'],
    ['?page=', '#/page'],
    ['?page_size=0', '#/page_size'],
    ['?page_size=501', '#/page_size'],
    ['?page_size=-1', '#/page_size'],
    ['?pageSize=5', '#/pageSize'],
    ['?type=mug', '#/type'],
    ['?type=', '#/type'],
    ['?tapId=x', '#/tapId'],
    ['?tapId=-1', '#/tapId'],
    ['?tapId=1&tapId=2', '#/tapId'],
    ['?from=yesterday', '#/from'],
    ['?to=2026-02-30T00:00:00Z', '#/to'],
    ['?order=oldest', '#/order'],
  ])('%s is refused', async (query, pointer) => {
    expect(problemOf(await call(`${server.url}/v1/beers${query}`))).toMatchObject({ status: 422, pointers: [pointer] });
  });
});

test('the taps are told with their shares, also those that are connected and have poured nothing', async () => {
  const taps = async () => JSON.parse((await call(`${server.url}/v1/taps`)).body).items;
  expect(await taps()).toEqual([]);
  for (const tap of [5, 3, 5, 5]) await pour(tap, 300);
  const live = await openLive(server.url);
  await live.ask({ id: 1, type: 'subscribe', topics: ['beers'], tap: 9 });
  const second = await openLive(server.url);
  await second.ask({ id: 1, type: 'subscribe', topics: ['beers'], tap: 3 });
  expect(await taps()).toEqual([
    { tapId: 5, beers: 3, share: 0.75, sockets: 0 },
    { tapId: 3, beers: 1, share: 0.25, sockets: 1 },
    { tapId: 9, beers: 0, share: 0, sockets: 1 },
  ]);
});
