import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, type Program, startProgram, temporaryFolder } from '../support/program.ts';

const kills = 6;
const jobsPerCall = 2_000;
const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let server: Program;
const start = () => startProgram(folder.path, ['--workers', '0']);

beforeAll(async () => {
  folder = await temporaryFolder();
  server = await start();
});
afterAll(async () => {
  await server.end('SIGKILL');
  await folder.remove();
});

async function post(path: string, body: unknown, key: string) {
  const response = await fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (response.status !== 202) throw new Error(`${response.status} ${text}`);
  return { text, replayed: response.headers.get('idempotent-replayed') === 'true' };
}

async function read(path: string) {
  return (await fetch(`${server.url}${path}`)).json();
}

async function queued(): Promise<number> {
  const { items } = await read('/v1/queues');
  return items[0].counts.queued;
}

async function restart(): Promise<void> {
  await server.end('SIGKILL');
  server = await start();
}

/** A file that all jobs work on: what is tested is the commit, not the upload. */
async function upload(): Promise<string> {
  const response = await fetch(`${server.url}/v1/files`, { method: 'POST', body: Buffer.from(png, 'base64') });
  return (await response.json()).id;
}

test('a server that is killed during a call keeps all of its jobs or none, and sent again it makes them once', {
  timeout: 120_000,
}, async () => {
  const file = await upload();
  const jobs = Array.from({ length: jobsPerCall }, () => ({ service: 'thumbnails', source: { file }, fresh: true }));
  let expected = 0;
  for (let round = 0; round < kills; round += 1) {
    const key = randomUUID();
    const first = post('/v1/jobs', { jobs }, key).catch(() => null);
    // Somewhere between the first byte and the answer.
    await new Promise((resolve) => setTimeout(resolve, 20 + round * 40));
    await restart();
    const acknowledged = await first;
    const kept = await queued();
    expect([expected, expected + jobsPerCall]).toContain(kept);
    if (acknowledged !== null) expect(kept).toBe(expected + jobsPerCall);
    const again = await post('/v1/jobs', { jobs }, key);
    expect(again.replayed).toBe(kept > expected);
    if (acknowledged !== null) expect(again.text).toBe(acknowledged.text);
    expected += jobsPerCall;
    expect(await queued()).toBe(expected);
  }
});

test('an action that is interrupted by kills goes on after each restart until it is done', { timeout: 120_000 }, async () => {
  const before = await queued();
  const started = await post(
    '/v1/jobs/actions',
    { action: 'cancel', filter: { service: 'thumbnails', state: 'queued' } },
    randomUUID(),
  );
  const { links } = JSON.parse(started.text);
  for (let round = 0; round < 3; round += 1) {
    const left = await queued();
    await eventually('a part of it is done', async () => (await queued()) < left || left === 0);
    await restart();
  }
  await eventually('it is done', async () => (await read(links.self)).state === 'done', 60_000);
  const { counts } = await read(links.self);
  expect(await queued()).toBe(0);
  expect(counts.done + counts.skipped).toBeGreaterThan(before - 600);
  expect(counts.matched).toBeGreaterThanOrEqual(1_000);
});
