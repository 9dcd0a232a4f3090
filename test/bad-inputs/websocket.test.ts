/** The rows of the area "websocket": requests for a socket, and frames of which most would be sent by no library. */
import { deflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../src/core/ids.ts';
import { limits } from '../../src/core/limits.ts';
import { type BadInput, expectEveryRow } from '../support/bad-inputs.ts';
import { testService } from '../support/engine.ts';
import { call, openTestServer, type TestServer } from '../support/http-server.ts';
import { askForUpgrade, bytesForReaders, clientFrame, openLive, openRawLive } from '../support/live-socket.ts';
import { onePixelPng } from '../support/pictures.ts';
import { eventually, temporaryFolder } from '../support/program.ts';

/** Rows that wait for accounts: without them there is no token to check, and everybody is the same caller. */
const waiting: readonly { readonly row: number; readonly reason: string }[] = [
  { row: 86, reason: 'there are no tokens yet' },
  { row: 91, reason: 'there are no tenants yet; a job that there is not is answered alike (src/http/live/live.test.ts)' },
  { row: 93, reason: 'there are no tokens yet' },
];

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer({ services: [testService('noop', 'noop')] });
});
afterAll(() => server.closeAll());

const submit = async (to: TestServer, path: string): Promise<string> =>
  JSON.parse((await call(to.url + path, { method: 'POST', body: onePixelPng })).body).id;

interface BadUpgrade extends BadInput {
  readonly headers: Readonly<Record<string, string | null>>;
}
const foreign = { status: 403, problem: 'origin-not-allowed' };
const outdated = { status: 426, problem: 'upgrade-required' };
const wrong = { status: 400, problem: 'bad-request' };
const upgrades: readonly BadUpgrade[] = [
  { row: 87, input: 'foreign Origin', headers: { Origin: 'http://evil.example' }, ...foreign },
  { row: 87, input: 'foreign Origin with a cookie', headers: { Origin: 'http://evil.example', Cookie: 'session=1' }, ...foreign },
  { row: 87, input: 'Origin: null', headers: { Origin: 'null' }, ...foreign },
  { row: 87, input: 'Origin of another port', headers: { Origin: 'http://127.0.0.1:1' }, ...foreign },
  { row: 87, input: 'foreign Host', headers: { Host: 'evil.example' }, status: 403, problem: 'host-not-allowed' },
  { row: 88, input: 'Sec-WebSocket-Version 12', headers: { 'Sec-WebSocket-Version': '12' }, ...outdated },
  { row: 88, input: 'no version', headers: { 'Sec-WebSocket-Version': null }, ...outdated },
  { row: 88, input: 'another protocol', headers: { Upgrade: 'h2c' }, ...outdated },
  { row: 88, input: 'no upgrade', headers: { Upgrade: null, Connection: 'close' }, ...outdated },
  { row: 88, input: 'missing key', headers: { 'Sec-WebSocket-Key': null }, ...wrong },
  { row: 88, input: 'a key that is none', headers: { 'Sec-WebSocket-Key': 'abc' }, ...wrong },
  { row: 88, input: 'another subprotocol', headers: { 'Sec-WebSocket-Protocol': 'mqtt' }, ...wrong },
];

describe('a bad request for a socket is answered with a problem, and the connection ends', () => {
  test.each(upgrades)('$row: $input: $status', async ({ headers, status, problem }) => {
    const text = await askForUpgrade(server.port, headers);
    expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(text).toContain('content-type: application/problem+json');
    expect(JSON.parse(text.slice(text.indexOf('\r\n\r\n') + 4))).toMatchObject({
      type: `/problems/${problem}`,
      status,
      instance: '/v1/live',
    });
    if (status === 426) expect(text.toLowerCase()).toContain('upgrade: websocket\r\n');
  });
});

/** The status is the code of the close. */
interface BadFrames extends BadInput {
  readonly frames: Buffer;
}
const bad = (row: number, input: string, status: number, ...frames: Buffer[]): BadFrames => ({
  row,
  input,
  status,
  problem: null,
  frames: Buffer.concat(frames),
});
const terabyte = Buffer.alloc(10);
terabyte[0] = 0x81;
terabyte[1] = 0xff;
terabyte.writeBigUInt64BE(2n ** 40n, 2);
const bomb = deflateRawSync(Buffer.alloc(50_000_000));
const empty = clientFrame(0x00);
const badFrames: readonly BadFrames[] = [
  bad(89, 'unmasked client frame', 1002, clientFrame(0x81, '{}', false)),
  bad(89, 'bad opcode 3', 1002, clientFrame(0x83, '{}')),
  bad(89, 'bad opcode 11', 1002, clientFrame(0x8b, '{}')),
  bad(89, 'RSV1 set', 1002, clientFrame(0xc1, '{}')),
  bad(89, 'RSV2 set', 1002, clientFrame(0xa1, '{}')),
  bad(89, 'RSV3 set', 1002, clientFrame(0x91, '{}')),
  bad(89, 'fragmented control', 1002, clientFrame(0x09, 'x')),
  bad(89, 'a control frame that is too long', 1002, clientFrame(0x89, 'x'.repeat(126))),
  bad(89, 'a continuation of nothing', 1002, clientFrame(0x80, 'x')),
  bad(89, 'a message within a message', 1002, clientFrame(0x01, '{'), clientFrame(0x81, '{}')),
  bad(89, 'a close code that may not be sent', 1002, clientFrame(0x88, Buffer.of(0x03, 0xed))),
  bad(89, 'half a close code', 1002, clientFrame(0x88, Buffer.of(0x03))),
  bad(89, 'bad UTF-8', 1007, clientFrame(0x81, Buffer.of(0x7b, 0xff, 0x7d))),
  bad(89, 'bad UTF-8 over two frames', 1007, clientFrame(0x01, Buffer.of(0xe2, 0x82)), clientFrame(0x80, Buffer.of(0x28))),
  bad(89, 'bad UTF-8 in the reason of a close', 1007, clientFrame(0x88, Buffer.of(0x03, 0xe8, 0xff))),
  bad(90, 'frame over the limit', 1009, clientFrame(0x81, 'x'.repeat(limits.liveFrameBytesMax + 1))),
  bad(90, 'a frame that says it has a terabyte', 1009, terabyte),
  bad(90, 'fragments that are over the limit together', 1009, ...half('x'.repeat(limits.liveFrameBytesMax + 1))),
  // Compression is never agreed to, so that the bit of a compressed message is a reserved one, and nothing is unpacked.
  bad(90, 'compression bomb', 1002, clientFrame(0xc1, bomb.subarray(0, limits.liveFrameBytesMax))),
  bad(90, '100,000 empty fragments', 1009, clientFrame(0x01), ...Array.from({ length: 100_000 }, () => empty)),
];

function half(text: string): [Buffer, Buffer] {
  return [clientFrame(0x01, text.slice(0, text.length / 2)), clientFrame(0x80, text.slice(text.length / 2))];
}

describe('bad frames close the socket with their code', () => {
  test.each(badFrames)('$row: $input: $status', async ({ frames, status }) => {
    const { socket, closeCode } = await openRawLive(server.port);
    socket.write(frames);
    await eventually('it is closed', () => closeCode() !== null);
    expect(closeCode()).toBe(status);
    socket.destroy();
  });
});

/** Rows whose input is more than bytes; each has a test of its own below. */
const manySubscriptions = { row: 92, input: '10 000 subscriptions', status: 200, problem: 'too-many-subscriptions' };
const slowReader = { row: 92, input: 'slow reader (buffer grows)', status: 1013, problem: null };
const stopping = { row: 94, input: 'server stopping', status: 1001, problem: null };

test(`${manySubscriptions.row}: ${manySubscriptions.input} get 100 topics and 9,900 refusals`, async () => {
  const live = await openLive(server.url);
  const jobs = await Promise.all(Array.from({ length: 100 }, () => submit(server, '/v1/noop?runAt=1h&fresh=true')));
  for (let n = 0; n < 10_000; n += 1) live.send({ id: n, type: 'subscribe', topics: [`job:${jobs[n] ?? newId()}`] });
  await eventually('all are answered', () => live.messages.length === 10_000, 20_000);
  const refused = live.messages.filter((message) => message.type === 'result' && !message.success);
  expect(refused).toHaveLength(9_900);
  expect(refused[0]).toMatchObject({ error: { type: `/problems/${manySubscriptions.problem}` } });
  live.socket.terminate();
});

test(`${slowReader.row}: ${slowReader.input}: it is closed before it costs memory, the others hear everything`, {
  timeout: 60_000,
}, async () => {
  const reading = await openLive(server.url);
  await reading.ask({ id: 1, type: 'subscribe', topics: ['jobs'] });
  const stuck = await openRawLive(server.port);
  stuck.socket.write(clientFrame(0x81, JSON.stringify({ id: 1, type: 'subscribe', topics: ['jobs'] })));
  await eventually('it is subscribed', () => stuck.received().includes('"success":true'));
  stuck.socket.pause();
  // Its commands fill what waits for it, without its taking any answer.
  const ping = clientFrame(0x81, JSON.stringify({ id: 1, type: 'shout'.repeat(10) }));
  const flood = Buffer.concat(Array.from({ length: 1_000 }, () => ping));
  await eventually('more waits than may', async () => {
    stuck.socket.write(flood);
    return (await bytesForReaders(server.url)) > limits.liveBufferBytesMax;
  });
  stuck.socket.resume();
  await eventually('it is closed', () => stuck.closeCode() !== null, 30_000);
  expect(stuck.closeCode()).toBe(slowReader.status);
  const id = await submit(server, '/v1/noop?fresh=true');
  await eventually('the other hears', () => reading.types('jobs', id).length === 3);
  stuck.socket.destroy();
  reading.socket.terminate();
});

test(`${stopping.row}: ${stopping.input}: ${stopping.status}, and who comes again behind its last event misses none`, async () => {
  const { path: folder, remove } = await temporaryFolder();
  const services = [testService('noop', 'noop')];
  const first = await openTestServer({ services, folder });
  const live = await openLive(first.url);
  await live.ask({ id: 1, type: 'subscribe', topics: ['jobs'] });
  const id = await submit(first, '/v1/noop?runAt=1s');
  await eventually('it is told', () => live.ids().length === 1);
  first.server.drain();
  expect(await live.closed).toBe(stopping.status);
  await first.closeAll();

  const second = await openTestServer({ services, folder });
  await eventually('the job has ended', async () =>
    (await call(`${second.url}/v1/jobs/${id}`)).body.includes('"state":"succeeded"'),
  );
  const again = await openLive(second.url);
  again.send({ id: 1, type: 'subscribe', topics: ['jobs'], since: live.ids()[0] ?? '' });
  await again.ask({ id: 2, type: 'ping' });
  expect(again.types('jobs', id)).toEqual(['job.started', 'job.succeeded']);
  again.socket.terminate();
  await second.closeAll();
  await remove();
});

test('the rows that wait say so', () => {
  for (const { row, reason } of waiting) console.warn(`ROW ${row} of the bad inputs is not tried: ${reason}`);
  expect(waiting.filter(({ row }) => [...upgrades, ...badFrames].some((tried) => tried.row === row))).toEqual([]);
});

expectEveryRow('websocket', [...upgrades, ...badFrames, manySubscriptions, slowReader, stopping, ...waiting]);
