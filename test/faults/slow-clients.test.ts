/**
 * Hundreds of clients that are slow in every way there is, and one that works. `COATCHECK_TEST_SLOW_CLIENTS=5000` makes them
 * thousands; `COATCHECK_TEST_HASTE=1` lets time pass as it does for users (the run then takes some minutes).
 */
import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { limits } from '../../src/core/limits.ts';
import { recordFigure } from '../support/figures.ts';
import { call } from '../support/http-server.ts';
import { clientFrame } from '../support/live-socket.ts';
import { onePixelPng } from '../support/pictures.ts';
import { eventually, temporaryFolder } from '../support/program.ts';
import { openSlowClient, type SlowClient, type SlowKind } from '../support/slow-clients.ts';

const count = Number(process.env.COATCHECK_TEST_SLOW_CLIENTS ?? 300);
const haste = Number(process.env.COATCHECK_TEST_HASTE ?? 15);
const bigBytes = 12_000_000;
const honestBytes = 600_000;
/** Twice the longest that any of them may stay, and the time that it takes to open them. */
const patienceMs = (2 * limits.answerIdleMs) / haste + 60_000;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let child: ChildProcess;
let ended: Promise<unknown>;
let url: string;
let port: number;

beforeAll(async () => {
  folder = await temporaryFolder();
  child = fork(fileURLToPath(new URL('../support/hasty-server.mjs', import.meta.url)), [folder.path, String(haste)], {
    execArgv: ['--expose-gc'],
    env: { PATH: process.env.PATH ?? '' },
  });
  ended = once(child, 'exit');
  const failed = ended.then(() => {
    throw new Error('the server ended before it was ready');
  });
  const [ready] = await Promise.race([once(child, 'message'), failed]);
  failed.catch(() => {});
  url = ready.url;
  port = Number(new URL(url).port);
});
afterAll(async () => {
  child.kill('SIGKILL');
  await ended;
  await folder.remove();
});

async function memory(asked: 'gc' | 'now'): Promise<NodeJS.MemoryUsage> {
  child.send(asked);
  const [usage] = await once(child, 'message');
  return usage;
}
const megabytes = (bytes: number) => (bytes / 1_000_000).toFixed(0);

/** Sockets and files that the server has open; null where the system does not tell. */
function openHandles(): { sockets: number; blobs: number } | null {
  if (process.platform !== 'linux') return null;
  const descriptors = `/proc/${child.pid}/fd`;
  const targets = readdirSync(descriptors).map((name) => {
    try {
      return readlinkSync(join(descriptors, name));
    } catch {
      // It was closed between the two.
      return '';
    }
  });
  return {
    sockets: targets.filter((target) => target.startsWith('socket:')).length,
    blobs: targets.filter((target) => target.includes('/blobs/')).length,
  };
}
const uploadsUnderWay = () => readdirSync(join(folder.path, 'blobs', 'uploads')).length;

/** One round of a client that works as it should: what it asked and how long each took. Throws where an answer is not right. */
async function work(latenciesMs: number[], expected: string | null): Promise<string> {
  const timed = async (path: string, method = 'GET', body?: Buffer) => {
    const startedAt = performance.now();
    const answer = await call(url + path, { method, ...(body === undefined ? {} : { body }) });
    latenciesMs.push(performance.now() - startedAt);
    return answer;
  };
  const made = await timed('/v1/thumbnails?fresh=true', 'POST', onePixelPng);
  expect(made.status).toBe(202);
  const { id } = JSON.parse(made.body);
  // What it waits for the executor says nothing about the connections.
  await eventually('the job has ended', async () =>
    (await call(`${url}/v1/jobs/${id}?wait=60s`)).body.includes('"state":"succeeded"'),
  );
  expect((await timed(`/v1/jobs/${id}`)).status).toBe(200);
  const result = await timed(`/v1/jobs/${id}/result`);
  expect(result.status).toBe(200);
  const file = await timed(`/v1/files/${/"file":"([^"]+)"/.exec(result.body)?.[1]}`);
  expect(file.status).toBe(200);
  if (expected !== null) expect(file.body).toBe(expected);
  return file.body;
}

const p99 = (values: number[]) => [...values].sort((a, b) => a - b)[Math.ceil(values.length * 0.99) - 1] ?? 0;

/** Uploads at a quarter of what a slow line gives, but steadily. */
async function honestUpload(body: Buffer): Promise<number> {
  const sent = httpRequest(`${url}/v1/files`, { method: 'POST', headers: { 'content-length': body.length }, agent: false });
  const answered = once(sent, 'response');
  const step = (4 * limits.paceBytesPerSecondMin * haste) / 10;
  for (let at = 0; at < body.length; at += step) {
    sent.write(body.subarray(at, at + step));
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  sent.end();
  const [response] = await answered;
  response.resume();
  return response.statusCode;
}

/** Takes a file at a rate that is low, but steady; gives the number of bytes that came. */
async function honestDownload(path: string, bytesPerSecond: number): Promise<number> {
  const socket = connect(port, '127.0.0.1');
  let bytes = 0;
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  const startedAt = performance.now();
  for await (const chunk of socket) {
    bytes += chunk.length;
    const aheadMs = (bytes / bytesPerSecond) * 1000 - (performance.now() - startedAt);
    if (aheadMs > 20) await new Promise((resolve) => setTimeout(resolve, aheadMs));
  }
  return bytes;
}

const head = (line: string, ...headers: string[]) =>
  `${[`${line} HTTP/1.1`, 'Host: localhost', ...headers].join('\r\n')}\r\n\r\n`;
const websocket = head(
  'GET /v1/live',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Version: 13',
  `Sec-WebSocket-Key: ${Buffer.alloc(16).toString('base64')}`,
);
const subscription = clientFrame(0x81, JSON.stringify({ id: 1, type: 'subscribe', topics: ['jobs'] })).toString('latin1');

function slowKinds(bigFile: string): SlowKind[] {
  const upload = Buffer.concat([
    Buffer.from(head('POST /v1/files', 'Content-Length: 1000000')),
    onePixelPng,
    randomBytes(2 * limits.contentBytesMax),
  ]);
  const kind = (name: string, first: string | Buffer, more: Partial<SlowKind> = {}): SlowKind => ({
    name,
    first,
    drip: null,
    reads: true,
    told: false,
    ...more,
  });
  return [
    kind('slow headers', 'GET /v1/jobs HTTP/1.1\r\nHost: localhost\r\nX: ', { drip: 'x', told: true }),
    kind('silent', '', { told: true }),
    kind('slow body', upload, { drip: 'x', told: true }),
    kind('slow chunks', head('POST /v1/thumbnails', 'Transfer-Encoding: chunked'), { drip: '1\r\nx\r\n', told: true }),
    kind('slow body behind an answer', `${head('GET /v1/jobs', 'Content-Length: 100000')}x`, { drip: 'x' }),
    kind('slow read of a file', head(`GET ${bigFile}`), { reads: false }),
    kind('slow read of many answers', head(`GET ${bigFile}`).repeat(100), { reads: false }),
    kind('idle keep-alive', head('GET /livez')),
    kind('idle socket of live events', websocket),
    kind('slow read of live events', websocket + subscription, { reads: false }),
  ];
}

async function openSlowClients(kinds: SlowKind[]): Promise<SlowClient[]> {
  const clients: SlowClient[] = [];
  while (clients.length < count) {
    const batch = Array.from(
      { length: Math.min(50, count - clients.length) },
      (_, n) => kinds[(clients.length + n) % kinds.length],
    );
    clients.push(...(await Promise.all(batch.flatMap((kind) => (kind === undefined ? [] : [openSlowClient(port, kind)])))));
  }
  return clients;
}

function dripping(clients: readonly SlowClient[]): () => void {
  const timer = setInterval(() => {
    for (const { kind, socket, endedAt } of clients) {
      if (kind.drip !== null && endedAt === null) socket.write(kind.drip);
    }
  }, 1000 / haste);
  return () => clearInterval(timer);
}

test('slow and idle clients cost nothing: each is closed, and who works meanwhile is served as before', {
  timeout: 2 * patienceMs + 60_000,
}, async () => {
  const picture = Buffer.concat([onePixelPng, randomBytes(bigBytes)]);
  const big = `/v1/files/${JSON.parse((await call(`${url}/v1/files`, { method: 'POST', body: picture })).body).id}`;
  const idleMs: number[] = [];
  const expected = await work([], null);
  for (let round = 0; round < 40; round += 1) await work(idleMs, expected);
  const before = await memory('gc');
  const handlesBefore = openHandles();

  let uploadsMost = 0;
  const looking = setInterval(() => {
    uploadsMost = Math.max(uploadsMost, uploadsUnderWay());
  }, 100);
  const clients = await openSlowClients(slowKinds(big));
  const stopDripping = dripping(clients);
  const honest = [
    honestUpload(Buffer.concat([onePixelPng, randomBytes(honestBytes)])),
    honestDownload(big, 100 * limits.paceBytesPerSecondMin * haste),
  ];

  const busyMs: number[] = [];
  let peakBytes = 0;
  const readers = clients.filter(({ kind }) => kind.reads);
  await eventually(
    'all are closed',
    async () => {
      await work(busyMs, expected);
      peakBytes = Math.max(peakBytes, (await memory('now')).rss);
      const handles = openHandles();
      const isOver = handles === null || handlesBefore === null || handles.sockets <= handlesBefore.sockets + 2;
      return isOver && readers.every(({ endedAt }) => endedAt !== null);
    },
    patienceMs,
  );
  stopDripping();
  clearInterval(looking);
  const [uploaded, downloaded] = await Promise.all(honest);
  expect(uploaded).toBe(201);
  expect(downloaded).toBeGreaterThan(picture.length);

  // Who did not read finds out now.
  for (const { socket } of clients) socket.resume();
  await eventually('all know', () => clients.every(({ endedAt }) => endedAt !== null));
  for (const { socket } of clients) socket.destroy();
  const short = clients.filter(({ kind, bytes }) => !kind.reads && bytes > picture.length);
  expect(short).toEqual([]);
  const told = clients.filter(({ heard }) => /^HTTP\/1\.1 408 .*\/problems\/request-timeout/s.test(heard));
  const untold = clients.filter(({ kind, heard }) => kind.told && !heard.startsWith('HTTP/1.1 408 '));
  expect(untold.map(({ kind, heard }) => `${kind.name}: ${heard.slice(0, 100)}`)).toEqual([]);

  expect(uploadsMost).toBeGreaterThan(0);
  expect(uploadsUnderWay()).toBe(0);
  await eventually('no connection and no file is held', () => {
    const handles = openHandles();
    return handles === null || handlesBefore === null
      ? true
      : handles.sockets <= handlesBefore.sockets && handles.blobs <= handlesBefore.blobs;
  });
  const held = (usage: NodeJS.MemoryUsage) => usage.heapUsed + usage.external;
  let after = await memory('gc');
  await eventually('the memory is free again', async () => {
    after = await memory('gc');
    return held(after) - held(before) < 20_000_000;
  });

  const longestMs = Math.max(...readers.map(({ openedAt, endedAt }) => (endedAt ?? 0) - openedAt));
  const longestToldMs = Math.max(...told.map(({ openedAt, endedAt }) => (endedAt ?? 0) - openedAt));
  const seconds = (ms: number) => ((ms * haste) / 1000).toFixed(0);
  const pace = haste === 1 ? '' : ` of the server's time, which ran ${haste} times as fast`;
  recordFigure(
    24,
    `good client p99 ${p99(idleMs).toFixed(1)} ms before, ${p99(busyMs).toFixed(1)} ms with ${clients.length} slow and idle clients, all its answers right (${busyMs.length}); ${told.length} closed with 408 within ${seconds(longestToldMs)} s, all that read within ${seconds(longestMs)} s${pace}; memory in use ${megabytes(held(before))} MB before, ${megabytes(held(after))} MB after, ${megabytes(peakBytes)} MB resident at the most`,
  );
});
