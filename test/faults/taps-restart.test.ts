/** COATCHECK_TEST_TAPS: how many taps pour and listen; 8 unless told. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BeersEvent, type Client, createClient } from '../../src/client/client.ts';
import { eventually, type Program, startProgram, temporaryFolder } from '../support/program.ts';

const taps = Number(process.env.COATCHECK_TEST_TAPS ?? 8);
const kills = 3;
const poursEach = 6;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let server: Program;
let client: Client;

beforeAll(async () => {
  folder = await temporaryFolder();
  server = await startProgram(folder.path, ['--workers', '0', '--tap-report-interval', '300ms']);
  client = createClient({
    baseUrl: server.url,
    retry: { firstDelayMs: 20, longestDelayMs: 200, attemptsMax: 100, reconnectsMax: 1_000 },
  });
});
afterAll(async () => {
  await server.end('SIGKILL');
  await folder.remove();
});

async function restart(): Promise<void> {
  await server.end('SIGKILL');
  server = await startProgram(folder.path, [
    '--workers',
    '0',
    '--tap-report-interval',
    '300ms',
    '--port',
    new URL(server.url).port,
  ]);
}

interface Listener {
  readonly heard: BeersEvent[];
  readonly leave: AbortController;
  readonly ended: Promise<void>;
}

function listen(tap: number): Listener {
  const heard: BeersEvent[] = [];
  const leave = new AbortController();
  const ended = (async () => {
    for await (const event of client.watchBeers({ tap, since: '0', signal: leave.signal })) heard.push(event);
  })();
  return { heard, leave, ended };
}

/** What an event tells, short: the same for all who hear it. */
const short = (event: BeersEvent): string =>
  event.type === 'resync' ? 'resync' : `${event.id} ${event.type} ${'subject' in event ? event.subject : ''}`;

test('every pour is one beer and is told to all taps once, though the server is killed again and again', {
  timeout: 180_000,
}, async () => {
  const listeners = Array.from({ length: taps }, (_, tap) => listen(tap));
  await eventually(
    'all are connected',
    async () => (await client.taps()).filter(({ sockets }) => sockets === 1).length === taps,
    60_000,
  );
  const made = new Map<string, string>();
  const pourAll = async (round: number) => {
    const pourFrom = async (tap: number) => {
      for (let n = 0; n < poursEach; n += 1) {
        const readingId = `${round}-${n}`;
        const beer = await client.pour({ tapId: tap, volume: 100 + n, readingId });
        made.set(`${tap} ${readingId}`, beer.id);
      }
    };
    await Promise.all(Array.from({ length: taps }, (_, tap) => pourFrom(tap)));
  };
  for (let round = 0; round < kills; round += 1) {
    const pouring = pourAll(round);
    // In the middle of it.
    await eventually('some are poured', () => made.size > round * taps * poursEach + taps, 60_000);
    await restart();
    await pouring;
  }
  const total = kills * taps * poursEach;
  expect(made.size).toBe(total);
  expect(new Set(made.values()).size).toBe(total);
  expect((await client.beers({ pageSize: 1 })).total).toBe(total);

  const [first] = listeners;
  const isDone = ({ heard }: Listener) => {
    const last = heard.at(-1);
    return last?.type === 'taps.report' && last.data.total === total;
  };
  for (const [tap, listener] of listeners.entries()) {
    await eventually(`tap ${tap} has heard the last report`, () => isDone(listener), 60_000);
  }
  await eventually('all have heard the same', () => listeners.every(({ heard }) => heard.length === first?.heard.length), 60_000);
  const poured = first?.heard.flatMap((event) => (event.type === 'beer.poured' ? [event.subject] : [])) ?? [];
  expect([...poured].sort()).toEqual([...made.values()].sort());
  for (const { heard } of listeners) expect(heard.map(short)).toEqual(first?.heard.map(short));
  for (const { leave, ended } of listeners) {
    leave.abort(new Error('enough'));
    await expect(ended).rejects.toThrow('enough');
  }
});
