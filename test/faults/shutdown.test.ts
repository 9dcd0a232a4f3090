import { request } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { recordFigure } from '../support/figures.ts';
import { onePixelPng } from '../support/pictures.ts';
import { eventually, type Program, startProgram, temporaryFolder } from '../support/program.ts';

/** More for a soak: COATCHECK_TEST_STOPS=100 npx vitest run test/faults/shutdown.test.ts */
const rounds = Number(process.env.COATCHECK_TEST_STOPS ?? 5);

let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(() => folder.remove());

/** A POST whose body is held back until `finish` is called. */
function slowPost(url: string): { finish: () => void; answer: Promise<number> } {
  const call = request(`${url}/v1/thumbnails?fresh=true`, {
    method: 'POST',
    headers: { 'content-type': 'image/png', 'transfer-encoding': 'chunked' },
  });
  const answer = new Promise<number>((resolve, reject) => {
    call.on('response', (response) => response.resume().on('end', () => resolve(response.statusCode ?? 0)));
    call.on('error', reject);
  });
  call.write(onePixelPng.subarray(0, 20));
  return { finish: () => call.end(onePixelPng.subarray(20)), answer };
}

/** Posts without pause; how each request went, cut connections included. */
function load(server: Program): { stop: () => void; stopping: () => void; outcome: Promise<Record<string, number>> } {
  let going = true;
  let stopping = false;
  const counts: Record<string, number> = {};
  const one = async () => {
    while (going) {
      const late = stopping;
      const outcome = await fetch(`${server.url}/v1/thumbnails?fresh=true`, {
        method: 'POST',
        headers: { 'content-type': 'image/png' },
        body: new Uint8Array(onePixelPng),
      }).then(
        async (response) => {
          await response.text();
          return String(response.status);
        },
        (error: Error) => (error.cause instanceof Error && 'code' in error.cause ? String(error.cause.code) : 'error'),
      );
      // Once it stops, a server may be gone before a new connection reaches it; what it had begun to read it must answer.
      const refused = late && !/^\d+$/.test(outcome) ? 'refused' : outcome;
      counts[refused] = (counts[refused] ?? 0) + 1;
      if (refused === 'refused') return;
    }
  };
  const outcome = Promise.all([one(), one(), one(), one()]).then(() => counts);
  return { stop: () => (going = false), stopping: () => (stopping = true), outcome };
}

test('a server that is told to stop answers what it has accepted, refuses the rest with 503, and exits with 0', {
  timeout: 60_000 + rounds * 20_000,
}, async () => {
  let longestMs = 0;
  let answered = 0;
  for (let round = 0; round < rounds; round += 1) {
    const server = await startProgram(folder.path, ['--workers', '2']);
    const clients = load(server);
    const slow = slowPost(server.url);
    await eventually(
      'jobs are flowing',
      async () => ((await (await fetch(`${server.url}/v1/jobs?limit=20`)).json()) as { items: unknown[] }).items.length === 20,
    );
    const begun = Date.now();
    clients.stopping();
    const ended = server.end('SIGTERM');
    await eventually('new requests are refused', async () => (await fetch(`${server.url}/v1/jobs`)).status === 503);
    const refusal = await fetch(`${server.url}/v1/jobs`);
    expect(refusal.status).toBe(503);
    expect(((await refusal.json()) as { type: string }).type).toContain('/problems/shutting-down');
    expect(refusal.headers.get('retry-after')).not.toBeNull();
    slow.finish();
    expect(
      await slow.answer,
      server
        .log()
        .split('\n')
        .filter((line) => line.includes('"error"'))
        .join('\n'),
    ).toBe(202);
    expect(await ended).toBe(0);
    longestMs = Math.max(longestMs, Date.now() - begun);
    expect(longestMs).toBeLessThan(20_000);
    clients.stop();
    const outcome = await clients.outcome;
    expect(Object.keys(outcome).filter((each) => !['202', '503', 'refused'].includes(each))).toEqual([]);
    expect(outcome['202']).toBeGreaterThan(0);
    answered += outcome['202'] ?? 0;
  }
  const server = await startProgram(folder.path, ['--workers', '2']);
  const jobs = async () =>
    ((await (await fetch(`${server.url}/v1/jobs?limit=1000`)).json()) as { items: { state: string; error: unknown }[] }).items;
  const isOver = ({ state }: { state: string }) => state !== 'queued' && state !== 'running';
  await eventually('all that was accepted has ended', async () => (await jobs()).every(isOver), 60_000 + rounds * 1_000);
  expect((await jobs()).filter(({ state }) => state !== 'succeeded').map(({ error }) => error)).toEqual([]);
  recordFigure(
    6,
    `${rounds} stops under load: accepted requests cut 0 of ${answered}, exit after ${(longestMs / 1000).toFixed(1)} s at most, all jobs done after the next start`,
  );
  expect(await server.end('SIGTERM')).toBe(0);
});
