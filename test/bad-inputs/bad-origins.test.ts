/**
 * Many links at once to servers that behave badly. `COATCHECK_TEST_BAD_LINKS` says how many of each kind (50 by default); the limits
 * on time are shorter than those of the program, which `fetch-url.test.ts` waits for.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { limits } from '../../src/core/limits.ts';
import { parseSourceRule } from '../../src/core/source-rules.ts';
import { thumbnails } from '../../src/services/thumbnails/thumbnails.ts';
import { createBadOrigin } from '../support/bad-origin.ts';
import { recordFigure } from '../support/figures.ts';
import { call, openTestServer, type TestServer } from '../support/http-server.ts';
import { type Origin, openRawOrigin } from '../support/origin.ts';
import { onePixelPng } from '../support/pictures.ts';
import { eventually } from '../support/program.ts';
import { socketsOf } from '../support/sockets-of.ts';

const count = Number(process.env.COATCHECK_TEST_BAD_LINKS ?? 50);
const bytesMax = 4 * 1024 ** 2;

const manners: readonly (readonly [path: string, problem: string])[] = [
  ['silence', 'source-timeout'],
  ['drip', 'source-timeout'],
  ['slow-headers', 'source-timeout'],
  ['endless-headers', 'source-timeout'],
  ['endless', 'source-too-large'],
  ['says-too-much', 'source-too-large'],
  ['gzip', 'source-too-large'],
  ['brotli', 'source-too-large'],
  ['says-more', 'source-fetch-failed'],
  ['says-less', 'source-fetch-failed'],
  ['reset', 'source-fetch-failed'],
  ['reset-at-once', 'source-fetch-failed'],
  ['loop', 'too-many-redirects'],
  ['hops/11', 'too-many-redirects'],
];

let server: TestServer;
let origin: Origin;
beforeAll(async () => {
  origin = await openRawOrigin(createBadOrigin().speak);
  const rules = [parseSourceRule(`127.0.0.1:${origin.port}`)].filter((rule) => rule !== null);
  const times = { headersMs: 4_000, idleMs: 5_000, stretchMs: 4_000 };
  const settings = { uploadBytesMax: bytesMax };
  server = await openTestServer({ services: [thumbnails], fetcher: { rules, times }, settings }, { uploadBytesMax: bytesMax });
  // The executors start with the first job.
  await Promise.all([postPicture(), postPicture()]);
});
afterAll(async () => {
  await server.closeAll();
  await origin.close();
});

async function post(body: string | Buffer, headers: Readonly<Record<string, string>>) {
  // What was made before is not taken again.
  const path = typeof body === 'string' ? '' : '?fresh=true';
  return JSON.parse((await call(`${server.url}/v1/thumbnails${path}`, { method: 'POST', headers, body })).body);
}
const json = { 'content-type': 'application/json' };
const postLink = (path: string) =>
  post(JSON.stringify({ source: { url: `http://127.0.0.1:${origin.port}/${path}` }, maxAttempts: 1 }), json);
const postPicture = () => post(onePixelPng, { 'content-type': 'image/png', prefer: 'wait=20' });

async function problemOf(id: string): Promise<string> {
  for (;;) {
    const job = JSON.parse((await call(`${server.url}/v1/jobs/${id}?wait=30s`)).body);
    if (job.error !== null) return job.error.type;
    if (job.state === 'succeeded') return 'none';
  }
}

/** All connections are closed, and nothing lies about that no job refers to. */
async function expectNothingHeld(sockets: number): Promise<void> {
  await eventually('no connection is open', () => origin.open === 0);
  const uploads = () => readdir(join(server.folder, 'blobs', 'uploads'));
  await eventually('no bytes are on their way', async () => (await uploads()).length === 0);
  if (process.platform === 'linux')
    await eventually('as many sockets are open as before', async () => (await socketsOf(process.pid)) <= sockets);
}

const socketsNow = () => (process.platform === 'linux' ? socketsOf(process.pid) : Promise.resolve(0));

test('links to silent servers hold as many sockets as may be, and no other job', async () => {
  const before = await socketsNow();
  const jobs: { id: string }[] = await Promise.all(Array.from({ length: count }, () => postLink('silence')));
  await eventually('as many as may are fetched', () => origin.open === Math.min(count, limits.fetchesMax));
  const begun = Date.now();
  const upload = await postPicture();
  const ms = Date.now() - begun;
  expect(upload).toMatchObject({ state: 'succeeded' });
  const ends = await Promise.all(jobs.map(({ id }) => problemOf(id)));
  expect(new Set(ends)).toEqual(new Set(['/problems/source-timeout']));
  expect(origin.openMost).toBeLessThanOrEqual(limits.fetchesMax);
  await expectNothingHeld(before);
  recordFigure(
    15,
    `${count} links to silent servers: ${origin.openMost} sockets at most, 0 afterwards; an upload meanwhile in ${ms} ms`,
  );
});

test('links to all kinds of bad servers at once end as they must, within their limits, and leave nothing behind', async () => {
  const before = await socketsNow();
  const files = async () => (await server.engine.storage()).files.count;
  const filesBefore = await files();
  const paths = Array.from({ length: count }, (_none, index) => manners[index % manners.length] ?? manners[0]).filter(
    (manner) => manner !== undefined,
  );
  const begun = Date.now();
  const jobs: { id: string }[] = await Promise.all(paths.map(([path]) => postLink(path)));
  const ends = await Promise.all(jobs.map(async ({ id }, index) => [paths[index]?.[0], await problemOf(id)]));
  expect(ends).toEqual(paths.map(([path, problem]) => [path, `/problems/${problem}`]));
  const seconds = (Date.now() - begun) / 1000;
  expect(origin.openMost).toBeLessThanOrEqual(limits.fetchesMax);
  await expectNothingHeld(before);
  expect(await files()).toBe(filesBefore);
  const kinds = new Set(paths.map(([path]) => path)).size;
  recordFigure(
    15,
    `${count} of ${count} links to ${kinds} kinds of bad servers cut as promised in ${seconds.toFixed(1)} s; sockets, temporary files and blobs held afterwards 0`,
  );
});
