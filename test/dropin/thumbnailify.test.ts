import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { Readable } from 'node:stream';
import sharp from 'sharp';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Call, call, type RawAnswer } from '../support/http-server.ts';
import { detailed } from '../support/pictures.ts';
import { eventually, type Program, startProgram, temporaryFolder } from '../support/program.ts';

/**
 * Thumbnailify's exchange against a server as users start it. A larger body than by default:
 * COATCHECK_TEST_UPLOAD_BYTES=2000000000 npx vitest run test/dropin/thumbnailify.test.ts
 */
const largeBytes = Number(process.env.COATCHECK_TEST_UPLOAD_BYTES ?? 240_000_000);

// A machine under load is no failure.
vi.setConfig({ testTimeout: 240_000 });

let program: Program | null = null;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(async () => {
  await program?.end('SIGKILL');
  program = null;
  await folder.remove();
});

const ask = (path: string, more?: Call) => call(`${program?.url}${path}`, more);

test('a picture that was taken before the server died is made into a thumbnail after it', async () => {
  program = await startProgram(folder.path, ['--workers', '1']);
  await ask('/v1/queues/thumbnails/pause', { method: 'POST' });
  const body = (await detailed('gif')).toString('base64');
  const taken = await ask('/images', { method: 'POST', headers: { 'content-type': 'image/gif' }, body });
  const { media_id: id, state } = JSON.parse(taken.body);
  expect([taken.status, state]).toEqual([202, 'Processing']);
  await program.end('SIGKILL');

  program = await startProgram(folder.path, ['--workers', '1']);
  expect(JSON.parse((await ask(`/images/${id}`)).body)).toMatchObject({ state: 'Processing', media_type: 'image/gif' });
  await ask('/v1/queues/thumbnails/resume', { method: 'POST' });
  await eventually('it is completed', async () => JSON.parse((await ask(`/images/${id}`)).body).state === 'Completed', 60_000);
  const { status, headers, body: text } = await ask(`/images/${id}/thumbnail`);
  expect([status, headers['content-type']]).toEqual([200, 'image/gif']);
  expect(await sharp(Buffer.from(text, 'base64')).metadata()).toMatchObject({ format: 'gif', width: 100, height: 75 });
  expect((await ask(`/images/${id}`, { method: 'DELETE' })).status).toBe(204);
  expect((await ask(`/images/${id}`)).status).toBe(404);
}, 120_000);

test('a large picture is decoded while it comes in: the memory of the server does not grow with it', async () => {
  program = await startProgram(folder.path, ['--workers', '1']);
  const before = peakBytes(program.pid);
  const taken = await upload(program.url, largeBytes);
  const grown = peakBytes(program.pid) - before;
  expect(taken.status).toBe(202);
  const id = JSON.parse(taken.body).media_id;
  const [job] = JSON.parse((await ask('/v1/jobs?limit=1')).body).items;
  expect([job.id, job.source.bytes]).toEqual([id, (largeBytes / 4) * 3]);
  await eventually('it is completed', async () => JSON.parse((await ask(`/images/${id}`)).body).state === 'Completed', 60_000);
  expect(grown).toBeLessThan(largeBytes / 2);
}, 120_000);

/** The most memory that a process has had (Linux). */
function peakBytes(pid: number): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}

/** Sends base64 text of so many letters, made while it is sent: a picture, and zeros behind it. */
async function upload(url: string, letters: number): Promise<RawAnswer> {
  const picture = await detailed('jpeg');
  const head = Buffer.concat([picture, Buffer.alloc(3 - (picture.length % 3))]).toString('base64');
  function* text() {
    yield head;
    const zeros = 'A'.repeat(64 * 1024);
    for (let left = letters - head.length; left > 0; left -= zeros.length) yield zeros.slice(0, left);
  }
  const sent = request(`${url}/images`, {
    method: 'POST',
    headers: { 'content-type': 'image/jpeg', 'content-length': letters },
    agent: false,
  });
  Readable.from(text()).pipe(sent);
  const [response] = await once(sent, 'response');
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks).toString() };
}
