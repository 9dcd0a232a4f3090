import { connectAsync, type MqttClient } from 'mqtt';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createClient } from '../../src/client/client.ts';
import { hasMosquitto, type Mosquitto, startMosquitto } from '../support/mosquitto.ts';
import { eventually, type Program, startProgram, temporaryFolder } from '../support/program.ts';
import { measured, scrape } from '../support/scrape.ts';

/** Taps over a real broker. More pours: COATCHECK_TEST_POURS=5000 npx vitest run test/api/mqtt.test.ts */
const pours = Number(process.env.COATCHECK_TEST_POURS ?? 200);
const withinMs = 60_000;

interface BeerEvent {
  readonly id: string;
  readonly type: string;
  readonly subject?: string;
  readonly data: { readonly tapId?: number; readonly volume?: number };
}

let broker: Mosquitto;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let server: Program;
let device: MqttClient;
/** What the device hears, by topic. */
const heard: { readonly topic: string; readonly text: string }[] = [];

describe.runIf(hasMosquitto)('taps over MQTT', { timeout: 3 * withinMs }, () => {
  beforeAll(async () => {
    broker = await startMosquitto();
    folder = await temporaryFolder();
    server = await start();
    device = await connectAsync(broker.url, { clientId: 'device', clean: false, reconnectPeriod: 100 });
    device.on('message', (topic, payload) => heard.push({ topic, text: payload.toString() }));
    await device.subscribeAsync(['taps/events', 'taps/+/refused'], { qos: 1 });
  });
  afterEach(() => {
    heard.length = 0;
  });
  afterAll(async () => {
    await device?.endAsync(true);
    await server?.end('SIGTERM');
    await broker?.remove();
    await folder?.remove();
  });

  const start = () => startProgram(folder.path, ['--workers', '0', '--mqtt', broker.url, '--tap-report-interval', '1d']);
  const publish = (tap: number | string, pour: unknown, retain = false) =>
    device.publishAsync(`taps/${tap}/pours`, typeof pour === 'string' ? pour : JSON.stringify(pour), { qos: 1, retain });
  const events = () => heard.filter(({ topic }) => topic === 'taps/events').map(({ text }): BeerEvent => JSON.parse(text));
  const poured = () => events().filter(({ type }) => type === 'beer.poured');
  const beersOf = (tapId: number, page = 1) => createClient({ baseUrl: server.url }).beers({ tapId, page, pageSize: 500 });

  test('a pour is a beer like any other, and everyone hears of it', async () => {
    await publish(7, { volume: 500 });
    await eventually('the device hears of it', () => poured().length === 1, withinMs);
    const [event] = poured();
    expect(event).toMatchObject({ specversion: '1.0', data: { tapId: 7, volume: 500, type: 'pint' } });
    const { items } = await beersOf(7);
    expect(items).toEqual([event?.data]);
    const client = createClient({ baseUrl: server.url });
    await client.removeBeer(event?.subject ?? '');
    await eventually('it hears that it is gone', () => events().some(({ type }) => type === 'beer.deleted'), withinMs);
    // What came by HTTP is told, too.
    await client.pour({ tapId: 7, volume: 100 });
    await eventually('it hears of that pour', () => poured().length === 2, withinMs);
  });

  test('a reading that is sent again, or that the broker keeps, counts once', async () => {
    const pour = { volume: 300, readingId: 'a' };
    for (let time = 0; time < 5; time += 1) await publish(8, pour, time === 4);
    await publish(8, { volume: 301, readingId: 'b' });
    await eventually('the last one is heard', () => poured().some(({ data }) => data.volume === 301), withinMs);
    expect((await beersOf(8)).items.map(({ volume }) => volume)).toEqual([301, 300]);
    await publish(8, '', true);
  });

  test('what is no pour is refused in words, stored nowhere, and holds up nobody', async () => {
    const bad: readonly [number | string, unknown, string][] = [
      [9, { volume: 99 }, '#/volume'],
      [9, { volume: 1_001 }, '#/volume'],
      [9, { volume: '500' }, '#/volume'],
      [9, { volume: null }, '#/volume'],
      [9, {}, '#/volume'],
      [9, { volume: 500, colour: 'amber' }, '#/colour'],
      [9, { volume: 500, tapId: 10 }, '#/tapId'],
      [9, { volume: 500, pouredAt: 'yesterday' }, '#/pouredAt'],
      [9, { volume: 500, pouredAt: '2999-01-01T00:00:00Z' }, '#/pouredAt'],
      ['nine', { volume: 500 }, '#/tapId'],
      ['-9', { volume: 500 }, '#/tapId'],
      ['9.5', { volume: 500 }, '#/tapId'],
      ['99999999999999999999', { volume: 500 }, '#/tapId'],
      [9, [], '#'],
      [9, 'null', '#'],
    ];
    for (const [tap, pour] of bad) await publish(tap, pour);
    for (const text of ['[', '{', '{"volume":NaN}', `{"volume":500,"volume":600}`, '\u0000']) await publish(9, text);
    await publish(9, `{"volume":500,"readingId":"${'x'.repeat(100_000)}"}`);
    await publish(9, { volume: 800 });
    await eventually('the good one is heard', () => poured().length === 1, withinMs);
    await eventually('all others are refused', () => refusals().length === bad.length + 6, withinMs);
    expect((await beersOf(9)).items.map(({ volume }) => volume)).toEqual([800]);
    const told = refusals().slice(0, bad.length);
    expect(told.map(({ pointer }) => pointer)).toEqual(bad.map(([, , pointer]) => pointer));
    expect(
      refusals()
        .slice(bad.length)
        .map(({ type }) => type),
    ).toEqual([...Array(5).fill('/problems/malformed-json'), '/problems/payload-too-large']);
  });

  test('metrics tell what became of pours, and whether the broker has us', async () => {
    const pours = async (outcome: string) => measured(await scrape(server.url), 'coatcheck_pours_total', { outcome });
    const before = { made: await pours('new'), refused: await pours('refused') };
    await publish(10, { volume: 500 });
    await publish(10, { volume: 5_000 });
    await eventually('one is new', async () => (await pours('new')) === before.made + 1, withinMs);
    await eventually('one is refused', async () => (await pours('refused')) === before.refused + 1, withinMs);
    const connected = async () => measured(await scrape(server.url), 'coatcheck_mqtt_connected');
    expect(await connected()).toBe(1);
    await broker.stop();
    await eventually('it is told that the broker is away', async () => (await connected()) === 0, withinMs);
    await broker.start();
    await eventually('it is told that it is back', async () => (await connected()) === 1, withinMs);
  });

  const refusals = () =>
    heard
      .filter(({ topic }) => topic.endsWith('/refused'))
      .map(({ text }) => {
        const problem = JSON.parse(text);
        return { type: problem.type, pointer: problem.errors?.[0]?.pointer };
      });

  test('whatever ends, the server by kill or the broker, each pour is there once and each event is told', async () => {
    const sent = (async () => {
      for (let at = 0; at < pours; at += 1) await publish(11, { volume: 100 + (at % 900), readingId: `r${at}` });
    })();
    await eventually('some are there', async () => (await beersOf(11)).total > pours / 10, withinMs);
    await server.end('SIGKILL');
    server = await start();
    await eventually('more are there', async () => (await beersOf(11)).total > pours / 3, withinMs);
    await broker.stop();
    await broker.start();
    await sent;
    await eventually('all are there', async () => (await beersOf(11)).total === pours, withinMs);
    await server.end('SIGTERM');
    server = await start();
    const of11 = () => poured().filter(({ data }) => data.tapId === 11);
    await eventually('all are told', () => new Set(of11().map(({ id }) => id)).size === pours, withinMs);
    const { total } = await beersOf(11);
    expect(total).toBe(pours);
  });
});
