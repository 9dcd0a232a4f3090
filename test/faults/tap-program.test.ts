import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Beer, createClient } from '../../src/client/client.ts';
import { recordFigure } from '../support/figures.ts';
import { eventually, type Program, startProgram, temporaryFolder } from '../support/program.ts';
import { startTap, type TapLine, type TapProgram } from '../support/tap-program.ts';

/**
 * `coatcheck tap` and the server, each killed while pours are on their way. COATCHECK_TEST_POURS: how many each of five taps pours
 * while the server is killed (40); COATCHECK_TEST_KILLS: how often (2), and how often a tap is killed (4).
 */
const poursEach = Number(process.env.COATCHECK_TEST_POURS ?? 40);
const serverKills = Number(process.env.COATCHECK_TEST_KILLS ?? 2);
const tapKills = Number(process.env.COATCHECK_TEST_KILLS ?? 4);
const taps = [1, 2, 3, 4, 5];
const withinMs = 60_000;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let server: Program;
let running: TapProgram[];

beforeEach(async () => {
  folder = await temporaryFolder();
  running = [];
  server = await startProgram(join(folder.path, 'data'), ['--workers', '0']);
});
afterEach(async () => {
  await Promise.all(running.map((tap) => tap.end('SIGKILL')));
  await server.end('SIGKILL');
  await folder.remove();
});

async function startServer(): Promise<void> {
  server = await startProgram(join(folder.path, 'data'), ['--workers', '0', '--port', new URL(server.url).port]);
}

const keepOf = (id: number) => join(folder.path, `tap-${id}.pours`);

function pourWith(id: number, ...flags: readonly string[]): TapProgram {
  const tap = startTap(['--id', String(id), '--server', server.url, '--keep', keepOf(id), ...flags]);
  running.push(tap);
  return tap;
}

/** Oldest first. */
async function storedBeers(): Promise<Beer[]> {
  const client = createClient({ baseUrl: server.url });
  const beers: Beer[] = [];
  for (let page = 1; ; page += 1) {
    const { items, total } = await client.beers({ page, pageSize: 500 });
    beers.push(...items);
    if (beers.length >= total || items.length === 0) return beers.reverse();
  }
}

/** What makes a pour this one and no other. */
const pourText = ({ tapId, volume, at }: { tapId: unknown; volume: unknown; at: unknown }) => `${tapId} ${volume} ${at}`;
const beerText = ({ tapId, volume, timestamp }: Beer) => pourText({ tapId, volume, at: timestamp });
const lineText = ({ tapId, volume, pouredAt }: TapLine) => pourText({ tapId, volume, at: pouredAt });

test('what taps pour while the server is killed is stored once, all of it', { timeout: 3 * withinMs }, async () => {
  const pouring = taps.map((id) => pourWith(id, '--every', '40ms', '--count', String(poursEach)));
  const made = () => pouring.flatMap((tap) => tap.lines('tap.poured'));
  const all = taps.length * poursEach;
  for (let kill = 1; kill <= serverKills; kill += 1) {
    await eventually(`the pours of round ${kill} are made`, () => made().length >= ((kill - 0.5) / serverKills) * all, withinMs);
    await server.end('SIGKILL');
    // Some more are made meanwhile.
    const before = made().length;
    await eventually('taps pour on', () => made().length > before + taps.length || made().length === all, withinMs);
    await startServer();
  }
  expect(await Promise.all(pouring.map((tap) => tap.ended))).toEqual(taps.map(() => 0));

  expect(made()).toHaveLength(all);
  const stored = await storedBeers();
  expect(stored.map(beerText).sort()).toEqual(made().map(lineText).sort());
  // Each tap says so, and has heard nothing twice.
  expect(pouring.some((tap) => tap.lines('tap.back').length > 0)).toBe(true);
  for (const tap of pouring) {
    const heard = tap.lines('beer.poured').map(({ id }) => id);
    expect(new Set(heard).size).toBe(heard.length);
  }
  const late = made().filter(({ waiting }) => waiting !== 0).length;
  recordFigure(
    1,
    `of ${all} pours of ${taps.length} taps ${all - new Set(stored.map(beerText)).size} lost, ${stored.length - all} stored twice; the server was killed ${serverKills} times, ${late} pours waited for it`,
  );
});

test('pours that were kept when the tap was killed are sent by the next one, once and in order', {
  timeout: 3 * withinMs,
}, async () => {
  await server.end('SIGKILL');
  const first = pourWith(7, '--every', '5ms');
  await eventually('some are kept', () => first.lines('tap.poured').length >= 30, withinMs);
  await first.end('SIGKILL');
  const text = await readFile(keepOf(7), 'utf8');
  const kept = text
    .split('\n')
    .slice(0, -1)
    .map((line) => lineText(JSON.parse(line).pour));
  expect(kept.length).toBeGreaterThanOrEqual(30);
  await startServer();
  const next = pourWith(7, '--every', '5ms', '--count', '5');
  expect(await next.ended).toBe(0);
  expect(next.lines('tap.started')).toMatchObject([{ kept: kept.length }]);
  const sent = next.lines('tap.sent').map(({ beer }) => beerText(beer as Beer));
  expect(sent.slice(0, kept.length)).toEqual(kept);
  expect(sent).toHaveLength(kept.length + 5);
  expect((await storedBeers()).map(beerText).sort()).toEqual(sent.toSorted());
});

test('a tap that is killed while it sends loses nothing and sends nothing twice', { timeout: 3 * withinMs }, async () => {
  const told: string[] = [];
  for (let kill = 0; kill < tapKills; kill += 1) {
    const tap = pourWith(7, '--every', '2ms');
    await eventually('it has sent some', () => tap.lines('tap.sent').length >= 10, withinMs);
    await tap.end('SIGKILL');
    told.push(...tap.lines('tap.poured').map(lineText));
  }
  const last = pourWith(7, '--every', '2ms', '--count', '1');
  expect(await last.ended).toBe(0);
  told.push(...last.lines('tap.poured').map(lineText));
  const stored = (await storedBeers()).map(beerText);
  expect(new Set(stored).size).toBe(stored.length);
  expect(told.filter((pour) => !stored.includes(pour))).toEqual([]);
  // A pour is kept before it is told of.
  expect(stored.length - told.length).toBeLessThanOrEqual(tapKills);
  await expect(readFile(keepOf(7)), 'nothing is left of what was kept').rejects.toThrow('ENOENT');
});
