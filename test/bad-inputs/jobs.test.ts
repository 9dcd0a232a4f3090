import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Type } from 'typebox';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openKept } from '../../src/adapters/sqlite/kept-database.ts';
import { type Clock, systemClock } from '../../src/core/clock.ts';
import { pruneExpired } from '../../src/engine/retention.ts';
import type { WaitingInput } from '../support/bad-inputs.ts';
import { testService } from '../support/engine.ts';
import { expectProblem } from '../support/expect-problem.ts';
import { call, exchange, openTestServer, type RawAnswer, type TestServer } from '../support/http-server.ts';
import { onePixelPng } from '../support/pictures.ts';
import { eventually, type Program, startProgram, temporaryFolder } from '../support/program.ts';
import { get, json, post, raw, type Sent } from '../support/requests.ts';
import { type Row, type Told, tryBadInputs } from '../support/try-bad-inputs.ts';

const queuedJobsMax = 20;
const resultRetentionMs = 60_000;

/** Does what its option `act` says. */
const scripted = testService('scripted', 'scripted', {
  contract: {
    options: Type.Object({ act: Type.String({ default: 'copy' }) }, { additionalProperties: false }),
    result: Type.Object({}),
  },
  limits: { timeMs: 600_000, memoryBytes: 512 * 1024 ** 2 },
});

/** The clock of the system, set forward. */
let aheadMs = 0;
const clock: Clock = { now: () => systemClock.now() + aheadMs, after: systemClock.after };

let server: TestServer;
/** What the rows are about. */
const ids = new Map<string, string>();
let slow: Socket;

beforeAll(async () => {
  server = await openTestServer({ services: [scripted], settings: { resultRetentionMs, queuedJobsMax }, executors: 2, clock });
  ids.set('expired', await jobThat('has succeeded', {}));
  aheadMs = resultRetentionMs + 1_000;
  await pruneExpired(server.parts);
  for (const name of ['file', 'used file', 'queued file']) ids.set(name, await upload(`the ${name}`));
  ids.set('running', await jobThat('is running', { options: { act: 'hang' }, source: { file: ids.get('used file') } }));
  await jobThat('is queued', { runAt: '1h', source: { file: ids.get('queued file') } });
  ids.set('waiting', await jobThat('is queued', { runAt: '1h' }));
  ids.set('failed', await jobThat('has failed', { options: { act: 'reject' } }));
  ids.set('succeeded', await jobThat('has succeeded', {}));
  ids.set('canceled', await jobThat('is queued', { runAt: '1h' }));
  expect((await ask(post(`/v1/jobs/${ids.get('canceled')}/cancel`))).status).toBe(200);
  expect((await ask(keyed('used'))).status).toBe(202);
  slow = await halfSent('under way');
}, 60_000);
afterAll(async () => {
  slow.destroy();
  await server.closeAll();
});

const png = onePixelPng.toString('base64');
const document = (more: object) => json({ source: { base64: png }, fresh: true, ...more }, '/v1/scripted');
const keyed = (key: string, body: Buffer | string = onePixelPng, path = '/v1/scripted') =>
  raw(body, { 'idempotency-key': key }, path);
const ask = (sent: Sent): Promise<RawAnswer> => call(server.url + sent.path, sent);
/** A path that is known once the jobs and files are there. */
const about = (name: string, sent: (id: string) => Sent) => () => sent(ids.get(name) ?? '');
const ranged = (range: string, more: Readonly<Record<string, string>> = {}) =>
  about('file', (id) => get(`/v1/files/${id}`, { range, ...more }));

async function jobThat(state: string, more: object): Promise<string> {
  const { id } = JSON.parse((await ask(document(more))).body);
  const wanted = state.split(' ').at(-1);
  await eventually(`the job ${state}`, async () => JSON.parse((await ask(get(`/v1/jobs/${id}`))).body).state === wanted);
  return id;
}

async function upload(text: string): Promise<string> {
  return JSON.parse((await ask(raw(text, {}, '/v1/files'))).body).id;
}

/** A request under a key, of which the second half of the body is still to come. */
async function halfSent(key: string): Promise<Socket> {
  const socket = connect(server.port, '127.0.0.1');
  const head = `POST /v1/scripted HTTP/1.1\r\nHost: localhost\r\nIdempotency-Key: ${key}\r\nContent-Type: image/png\r\nContent-Length: ${onePixelPng.length}\r\n\r\n`;
  socket.write(Buffer.concat([Buffer.from(head), onePixelPng.subarray(0, 20)]));
  await eventually('the key is taken', async () => (await ask(keyed(key))).status === 409);
  return socket;
}

/** The same request again gets the same status and the same bytes, and says so. */
const isReplayed =
  (sent: Sent) =>
  async ({ answer }: Told) => {
    const again = await ask(sent);
    expect([again.status, again.body]).toEqual([answer.status, answer.body]);
    expect([answer.headers['idempotent-replayed'], again.headers['idempotent-replayed']]).toEqual([undefined, 'true']);
  };

const frees = (sent: Sent) => async () => {
  expect((await ask(sent)).status).toBe(202);
};

/** The first request, which was under way, is answered once it is complete; then its key has an answer. */
async function comesToItsEnd(): Promise<void> {
  slow.write(onePixelPng.subarray(20));
  const [answer] = await once(slow, 'data');
  expect(String(answer)).toMatch(/^HTTP\/1\.1 202 /);
  expect((await ask(keyed('under way'))).headers['idempotent-replayed']).toBe('true');
}

const fillers: string[] = [];
/** As often as the server counts. */
const lookMs = 250;

/** How many wait is counted anew from time to time; what was estimated meanwhile may be one too many, so it is to be full at two looks. */
async function fullQueue(): Promise<Sent> {
  for (let refused = 0; refused < 2; ) {
    const { status, body } = await ask(document({ runAt: '1h' }));
    if (status === 503) {
      refused += 1;
      await pause(2 * lookMs);
      continue;
    }
    refused = 0;
    expect(status).toBe(202);
    fillers.push(JSON.parse(body).id);
  }
  return document({ runAt: '1h' });
}

/** When a client may come again is told, and coming again works once there is room. */
async function tellsWhen({ answer }: Told): Promise<void> {
  expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  await ask({ path: `/v1/jobs/${fillers.pop()}`, method: 'DELETE' });
  // How many wait is counted anew from time to time, not for each request.
  await eventually('there is a place', async () => (await ask(document({}))).status === 202);
}

const holds =
  (bytes: string) =>
  ({ answer }: Told) => {
    expect(answer.body).toBe(bytes);
    expect(answer.headers['content-range']).toBeUndefined();
  };
const tellsTheLength = ({ answer }: Told) => expect(answer.headers['content-range']).toBe('bytes */8');

const wide = `bytes=${Array.from({ length: 1_000 }, () => '0-0').join(',')}`;

const rows: Row[] = [
  [74, 'the same key and body after success', keyed('again'), 202, null, isReplayed(keyed('again'))],
  [74, 'the same key in quotes', keyed('quoted'), 202, null, isReplayed(keyed('"quoted"'))],
  [
    74,
    'the same key of an upload',
    keyed('upload', 'some text', '/v1/files'),
    201,
    null,
    isReplayed(keyed('upload', 'some text', '/v1/files')),
  ],
  [
    74,
    'the same key of a cancel',
    about('waiting', (id) => ({ ...post(`/v1/jobs/${id}/cancel`, { 'idempotency-key': 'cancel' }) })),
    200,
    null,
    (told) => isReplayed(post(`/v1/jobs/${ids.get('waiting')}/cancel`, { 'idempotency-key': 'cancel' }))(told),
  ],
  [
    74,
    'the same key after a refusal, mended',
    keyed('mended', onePixelPng, '/v1/scripted?priority=1000'),
    422,
    'validation-error',
    frees(keyed('mended')),
  ],
  [
    75,
    'the same key with another body',
    keyed('used', Buffer.concat([onePixelPng, Buffer.from('!')])),
    422,
    'idempotency-key-reused',
  ],
  [75, 'the same key with other options', keyed('used', onePixelPng, '/v1/scripted?act=reject'), 422, 'idempotency-key-reused'],
  [75, 'the same key with other settings', keyed('used', onePixelPng, '/v1/scripted?priority=1'), 422, 'idempotency-key-reused'],
  [75, 'the same key to another path', keyed('used', onePixelPng, '/v1/files'), 422, 'idempotency-key-reused'],
  [76, 'the same key while the first request comes in', keyed('under way'), 409, 'idempotency-in-progress', comesToItsEnd],
  [77, 'an empty key', keyed(''), 400, 'invalid-idempotency-key'],
  [77, 'an empty key in quotes', keyed('""'), 400, 'invalid-idempotency-key'],
  [77, 'a key of 256 characters', keyed('x'.repeat(256)), 400, 'invalid-idempotency-key'],
  [77, 'a key of 10 KB', keyed('x'.repeat(10_000)), 400, 'invalid-idempotency-key'],
  [77, 'a key with a tab', keyed('a\tb'), 400, 'invalid-idempotency-key'],
  [77, 'a key beyond ASCII', keyed('schl\u00fcssel'), 400, 'invalid-idempotency-key'],
  [77, 'a key with an open quote', keyed('"a'), 400, 'invalid-idempotency-key'],
  [
    77,
    'an empty key of a cancel',
    about('running', (id) => post(`/v1/jobs/${id}/cancel`, { 'idempotency-key': '' })),
    400,
    'invalid-idempotency-key',
  ],
  [
    79,
    'to cancel a job that has succeeded',
    about('succeeded', (id) => post(`/v1/jobs/${id}/cancel`)),
    409,
    'job-not-cancellable',
  ],
  [79, 'to cancel a job that has failed', about('failed', (id) => post(`/v1/jobs/${id}/cancel`)), 409, 'job-not-cancellable'],
  [
    79,
    'to cancel a job twice',
    about('canceled', (id) => post(`/v1/jobs/${id}/cancel`)),
    200,
    null,
    ({ answer }) => expect(JSON.parse(answer.body).state).toBe('canceled'),
  ],
  [80, 'the result of a job that runs', about('running', (id) => get(`/v1/jobs/${id}/result`)), 409, 'job-not-finished'],
  [80, 'the result of a job that failed', about('failed', (id) => get(`/v1/jobs/${id}/result`)), 409, 'job-failed'],
  [80, 'the result of a job that was canceled', about('canceled', (id) => get(`/v1/jobs/${id}/result`)), 409, 'job-canceled'],
  [
    80,
    'the result of a job that is past its time',
    about('expired', (id) => get(`/v1/jobs/${id}/result`)),
    410,
    'result-expired',
  ],
  [
    80,
    'the result of a job that is past its time, as a source',
    about('expired', (id) => json({ source: { job: id } }, '/v1/scripted')),
    410,
    'result-expired',
  ],
  [
    81,
    'to delete a file that a running job uses',
    about('used file', (id) => ({ path: `/v1/files/${id}`, method: 'DELETE' })),
    409,
    'resource-in-use',
  ],
  [
    81,
    'to delete a file that a queued job uses',
    about('queued file', (id) => ({ path: `/v1/files/${id}`, method: 'DELETE' })),
    409,
    'resource-in-use',
  ],
  [82, 'a job where the queue is full', fullQueue, 503, 'queue-full', tellsWhen],
  [85, 'the range 9-1', ranged('bytes=9-1'), 416, 'range-not-satisfiable', tellsTheLength],
  [85, 'a range behind the end', ranged('bytes=8-'), 416, 'range-not-satisfiable', tellsTheLength],
  [85, 'the last 0 bytes', ranged('bytes=-0'), 416, 'range-not-satisfiable', tellsTheLength],
  [85, 'the range 0-0 a thousand times', ranged(wide), 200, null, holds('the file')],
  [85, 'a range of an older file', ranged('bytes=0-0', { 'if-range': '"old"' }), 200, null, holds('the file')],
  [
    85,
    'a range of a file of another day',
    ranged('bytes=0-0', { 'if-range': 'Sat, 01 Jan 2000 00:00:00 GMT' }),
    200,
    null,
    holds('the file'),
  ],
  [85, 'a range in no unit that there is', ranged('lines=0-0'), 200, null, holds('the file')],
];

const waiting: WaitingInput[] = [
  { row: 78, input: 'the same key from another tenant', waitsFor: 'callers' },
  { row: 82, input: 'the quota of a tenant is used up', waitsFor: 'callers' },
];

tryBadInputs('jobs', () => server, rows, waiting, [83]);

test.each(['\x01', 'a\x01b', 'a\x7f', 'a\x1bb'])('row 77: a key with control bytes, %j, is answered 400', async (key) => {
  const head = `POST /v1/scripted HTTP/1.1\r\nHost: localhost\r\nIdempotency-Key: ${key}\r\nContent-Type: image/png\r\nContent-Length: 1\r\n\r\nx`;
  const answer = await exchange(server.port, head, (text) => text.includes('}'));
  expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  // The parser refuses them before there are headers.
  expect(answer).toContain('/problems/bad-request');
});

/** A server process over a folder of its own, for faults that a server in this process cannot have. */
async function withProgram(
  act: (program: Program, folder: string) => Promise<void>,
  through: (folder: string) => readonly string[] = () => [],
): Promise<void> {
  const folder = await temporaryFolder();
  const program = await startProgram(folder.path, ['--workers', '0', '--storage-reserve-bytes', '0'], {
    through: through(folder.path),
  });
  try {
    await act(program, folder.path);
  } finally {
    await program.end('SIGKILL');
    await folder.remove();
  }
}

const newJob = json({ source: { base64: png } }, '/v1/thumbnails');

async function jobsOf({ url }: Program): Promise<number> {
  const { items } = JSON.parse((await call(`${url}/v1/jobs?limit=1000`)).body);
  return items.length;
}

test('row 83: while the database cannot be written, a job is refused with 503 and not half made', {
  timeout: 120_000,
}, async () => {
  await withProgram(async (program, folder) => {
    const other = openKept(join(folder, 'coatcheck.db'), { timeout: 5_000 });
    other.exec('BEGIN IMMEDIATE');
    expectProblem(await call(program.url + newJob.path, newJob), 503, 'service-unavailable');
    expect(await jobsOf(program)).toBe(0);
    other.exec('ROLLBACK');
    other.close();
    expect((await call(program.url + newJob.path, newJob)).status).toBe(202);
    expect(await jobsOf(program)).toBe(1);
  });
});

/** A disk of 24 MB that only the program sees. */
const smallDisk = (folder: string) => ['unshare', '-rm', 'sh', '-c', 'mount -t tmpfs -o size=24m none "$0" && exec "$@"', folder];
const canMount = spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;
if (!canMount) console.warn('NOT TRIED: row 83 (jobs), a full disk: no tmpfs can be mounted here');

test.skipIf(!canMount)(
  'row 83: where the disk is full, files and jobs are refused with 507 and not half made',
  { timeout: 120_000 },
  async () => {
    await withProgram(async (program) => {
      const send = (sent: Sent) => call(program.url + sent.path, sent);
      const refused = async (sent: Sent) => {
        const taken: string[] = [];
        for (;;) {
          const answer = await send(sent);
          if (answer.status >= 300) return { taken, answer };
          taken.push(JSON.parse(answer.body).id);
        }
      };
      const files = await refused(raw(Buffer.alloc(2_000_000, 1), {}, '/v1/files'));
      expectProblem(files.answer, 507, 'insufficient-storage');
      const noise = Buffer.concat([onePixelPng, Buffer.alloc(100_000, 2)]);
      const jobs = await refused(raw(noise, {}, '/v1/thumbnails?fresh=true'));
      expectProblem(jobs.answer, 507, 'insufficient-storage');
      expect(await jobsOf(program)).toBe(jobs.taken.length);
      for (const id of files.taken.slice(0, 3))
        expect((await send({ path: `/v1/files/${id}`, method: 'DELETE' })).status).toBe(204);
      await eventually('there is room again', async () => (await send(newJob)).status === 202);
    }, smallDisk);
  },
);
