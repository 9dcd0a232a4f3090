import { afterEach, beforeEach, expect, test } from 'vitest';
import { openTestServer, type TestServer } from '../../test/support/http-server.ts';
import { eventually } from '../../test/support/program.ts';
import { openRelay } from '../../test/support/relay.ts';
import { type BeersEvent, type Client, type ConnectionState, createClient, ProblemError } from './client.ts';
import { ConnectionError } from './connection-error.ts';

const retry = { firstDelayMs: 2, longestDelayMs: 20, attemptsMax: 4, reconnectsMax: 20 };
let server: TestServer;
let client: Client;
const closing: (() => void)[] = [];
beforeEach(async () => {
  server = await openTestServer({ services: [] }, {}, { reportMs: 100 });
  client = createClient({ baseUrl: server.url, retry });
});
afterEach(async () => {
  for (const close of closing.splice(0)) close();
  await server.closeAll();
});

async function relay(mode: { upgrades?: false; streams?: false } = {}) {
  const opened = await openRelay(server.port, mode);
  closing.push(opened.close);
  return opened;
}

/** Collects what is told of single beers. */
function collect(events: AsyncIterable<BeersEvent>): { heard: BeersEvent[]; changes: () => string[]; ended: Promise<void> } {
  const heard: BeersEvent[] = [];
  const ended = (async () => {
    for await (const event of events) heard.push(event);
  })();
  ended.catch(() => undefined);
  const changes = () => heard.flatMap((event) => ('subject' in event ? [`${event.type} ${event.subject}`] : []));
  return { heard, changes, ended };
}

test('beers are poured, read, listed, removed and counted', async () => {
  const beer = await client.pour({ tapId: 7, volume: 450, readingId: 'r1' });
  expect(await client.pour({ tapId: 7, volume: 450, readingId: 'r1' })).toEqual(beer);
  const other = await client.pour({ tapId: 8, volume: 900 });
  expect(await client.beer(beer.id)).toEqual(beer);
  expect(await client.beers()).toEqual({ items: [other, beer], page: 1, pageSize: 50, total: 2 });
  expect(await client.beers({ type: 'pint', tapId: 7, page: 1, pageSize: 10, from: '1970-01-01T00:00:00Z' })).toMatchObject({
    items: [beer],
    pageSize: 10,
    total: 1,
  });
  expect(await client.taps()).toEqual([
    { tapId: 7, beers: 1, share: 0.5, sockets: 0 },
    { tapId: 8, beers: 1, share: 0.5, sockets: 0 },
  ]);
  await client.removeBeer(other.id);
  await expect(client.beer(other.id)).rejects.toMatchObject({ slug: 'not-found' });
  await expect(client.pour({ tapId: 7, volume: 5 })).rejects.toBeInstanceOf(ProblemError);
});

test.each([
  ['a WebSocket', {}, 'live'],
  ['an event stream', { upgrades: false }, 'live'],
  ['polling', { upgrades: false, streams: false }, 'polling'],
] as const)(
  'over %s every pour and removal is heard, and nothing twice, however often the connection is cut',
  async (_way, mode, state) => {
    const { baseUrl, cut } = await relay(mode);
    const leave = new AbortController();
    const states: ConnectionState[] = [];
    const watcher = createClient({ baseUrl, retry: { ...retry, reconnectsMax: 1_000, attemptsMax: 100 } });
    const since = (await (await fetch(`${server.url}/v1/beers/events`)).json()).since;
    const { heard, changes, ended } = collect(
      watcher.watchBeers({ since, signal: leave.signal, onConnection: (now) => states.push(now) }),
    );
    await eventually('it is connected', () => states.includes(state));
    const expected: string[] = [];
    for (let n = 0; n < 30; n += 1) {
      const { id } = await client.pour({ tapId: 1, volume: 300 });
      expected.push(`beer.poured ${id}`);
      if (n % 5 === 0) {
        await client.removeBeer(id);
        expected.push(`beer.deleted ${id}`);
      }
      if (n % 7 === 0) cut();
    }
    await eventually('all is heard', () => changes().length >= expected.length, 20_000);
    await eventually('the last report is heard', () =>
      heard.some((event) => event.type === 'taps.report' && event.data.total === 24),
    );
    expect(changes()).toEqual(expected);
    leave.abort(new Error('enough'));
    await expect(ended).rejects.toThrow('enough');
  },
  60_000,
);

test('who says which tap it is is counted, and hears the list of taps where it wants to', async () => {
  const leave = new AbortController();
  const { heard } = collect(client.watchBeers({ tap: 7, taps: true, signal: leave.signal }));
  const lists = () => heard.flatMap((event) => (event.type === 'taps.changed' ? [event.data.items] : []));
  await eventually('the list is told', () => lists().length > 0);
  expect(await client.taps()).toEqual([{ tapId: 7, beers: 0, share: 0, sockets: 1 }]);
  expect(lists()).toEqual([[{ tapId: 7, beers: 0, share: 0, sockets: 1 }]]);
  leave.abort(new Error('enough'));
  await eventually('it is gone', async () => (await client.taps()).length === 0);
});

test('a place that is no place, and a server that is not there, are errors', async () => {
  await expect(client.watchBeers({ since: 'nonsense' }).next()).rejects.toMatchObject({ slug: 'invalid-cursor' });
  const { baseUrl, close } = await relay();
  close();
  await expect(createClient({ baseUrl, retry }).watchBeers().next()).rejects.toBeInstanceOf(ConnectionError);
});
