import { once } from 'node:events';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { call } from '../support/http-server.ts';
import { eventually, type Program, startProgram, temporaryFolder } from '../support/program.ts';

/** Altair's exchange against a server as users start it. */
let program: Program;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
  folder = await temporaryFolder();
  program = await start();
});
afterEach(async () => {
  await program.end('SIGKILL');
  await folder.remove();
});

const start = () => startProgram(folder.path, ['--workers', '0']);

/** A tap as Altair's client is one: listens, and pours now and then. */
async function openTap(tapId: number) {
  const socket = new WebSocket(`${program.url.replace('http', 'ws')}/sockets/beers`);
  const texts: string[] = [];
  socket.on('message', (data) => texts.push(String(data)));
  socket.on('error', () => {});
  await once(socket, 'open');
  return {
    texts,
    async pour(): Promise<number> {
      const body = JSON.stringify({ tapId, volume: 100 + tapId * 200 });
      const answer = await call(`${program.url}/api/beers`, { method: 'POST', body });
      expect(answer.status).toBe(200);
      return JSON.parse(answer.body).beer.id;
    },
  };
}

test('the exchange of the document: three taps come one after the other and hear what its log shows', async () => {
  const one = await openTap(1);
  await one.pour();
  const two = await openTap(2);
  await two.pour();
  const three = await openTap(3);
  for (const tap of [three, one, three, one, three, one, three, two]) await tap.pour();
  const report = '{"tap 1": "40.0%", "tap 2": "20.0%", "tap 3": "40.0%", "total beers": 10}';
  const all = [
    'Tap with id 1 posted a new beer (id: 0)!',
    'Tap with id 2 posted a new beer (id: 1)!',
    'Tap with id 3 posted a new beer (id: 2)!',
    'Tap with id 1 posted a new beer (id: 3)!',
    'Tap with id 3 posted a new beer (id: 4)!',
    'Tap with id 1 posted a new beer (id: 5)!',
    'Tap with id 3 posted a new beer (id: 6)!',
    'Tap with id 1 posted a new beer (id: 7)!',
    'Tap with id 3 posted a new beer (id: 8)!',
    'Tap with id 2 posted a new beer (id: 9)!',
    report,
  ];
  for (const { texts } of [one, two, three]) await eventually('the report is heard', () => texts.includes(report));
  expect(one.texts).toEqual(all);
  // Who came later hears what came later, and nothing twice.
  for (const { texts } of [two, three]) expect(texts).toEqual(all.slice(-texts.length));
  expect(two.texts).toContain(all[1]);
  expect(three.texts).toContain(all[2]);
}, 120_000);

test('beers outlive the server: ids and shares go on where they were', async () => {
  const before = await openTap(1);
  for (let id = 0; id < 13; id++) expect(await before.pour()).toBe(id);
  await call(`${program.url}/api/beers/4`, { method: 'DELETE' });
  await program.end('SIGKILL');
  program = await start();
  const list = JSON.parse((await call(`${program.url}/api/beers?page=2&page_size=5`)).body).beers;
  expect(list.map(({ id }: { id: number }) => id)).toEqual([6, 7, 8, 9, 10]);
  const after = await openTap(2);
  for (let id = 13; id < 21; id++) expect(await after.pour()).toBe(id);
  const report = '{"tap 1": "60.0%", "tap 2": "40.0%", "total beers": 20}';
  await eventually('the report is heard', () => after.texts.includes(report));
  expect(after.texts).toHaveLength(9);
}, 120_000);
