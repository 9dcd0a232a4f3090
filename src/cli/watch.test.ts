import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { onePixelPng } from '../../test/support/pictures.ts';
import { type Program, startProgram, temporaryFolder } from '../../test/support/program.ts';
import { type Client, createClient } from '../client/client.ts';
import { newId } from '../core/ids.ts';

const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let server: Program;
let client: Client;

/** Each test starts the program several times, which takes seconds under load. */
vi.setConfig({ testTimeout: 120_000 });

beforeAll(async () => {
  folder = await temporaryFolder();
  server = await startProgram(join(folder.path, 'data'), ['--workers', '1']);
  client = createClient({ baseUrl: server.url });
});
afterAll(async () => {
  await server?.end('SIGKILL');
  await folder.remove();
});

async function watch(args: readonly string[], interruptWhen?: RegExp, then?: () => unknown) {
  const child = spawn(process.execPath, [program, 'watch', ...args], {
    env: { PATH: process.env.PATH ?? '', COATCHECK_SERVER: server.url },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  let isInterrupted = false;
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    out += chunk;
    // A second one would end it at once.
    if (!isInterrupted && interruptWhen?.test(out) === true) isInterrupted = child.kill('SIGINT');
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    err += chunk;
  });
  const timer = then === undefined ? undefined : setInterval(then, 300);
  await once(child, 'close');
  clearInterval(timer);
  return { code: child.exitCode, out, err };
}

const submit = async (runAt?: string, bytes: Uint8Array<ArrayBuffer> = new Uint8Array(onePixelPng)) =>
  (
    await client.submit({
      service: 'thumbnails',
      source: bytes,
      name: 'a.png',
      fresh: true,
      ...(runAt === undefined ? {} : { runAt }),
    })
  ).id;

test('jobs are watched until all have ended, a line for each step', async () => {
  const ids = [await submit('500ms'), await submit()];
  const { code, out, err } = await watch(ids);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  for (const id of ids) {
    const lines = out.split('\n').filter((line) => line.startsWith(id));
    expect(lines[0]).toBe(`${id}  a.png: thumbnails  waiting`);
    expect(lines.at(-1)).toBe(`${id}  a.png: thumbnails  done`);
  }
});

test('with --json every event is a document on a line', async () => {
  const id = await submit();
  const { code, out } = await watch([id, '--json']);
  expect(code).toBe(0);
  const events = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(events.flatMap(({ type }) => (type === 'job.progress' ? [] : [type]))).toEqual([
    'job.queued',
    'job.started',
    'job.succeeded',
  ]);
  expect(events[0]).toMatchObject({ id: expect.any(String), job: id, at: expect.any(String), data: {} });
});

test('the exit code tells how the jobs ended', async () => {
  const canceled = await submit('1h');
  await client.cancel(canceled);
  expect((await watch([canceled, await submit()])).code).toBe(4);
  const failed = await submit(undefined, new Uint8Array(onePixelPng.subarray(0, 40)));
  const { code, out } = await watch([failed, canceled]);
  expect(code).toBe(1);
  expect(out).toMatch(/failed: \S+/);
});

test('what can not be watched is an error', async () => {
  const [there, missing] = [await submit(), newId()];
  expect(await watch([there, missing])).toMatchObject({ code: 1, out: '', err: `There is no job ${missing}.\n` });
  expect(await watch(['--server', 'ftp://x'])).toMatchObject({ code: 2 });
  expect(await watch(['--server', 'http://127.0.0.1:1'])).toMatchObject({ code: 3 });
});

test('without a job all are watched until Ctrl-C', async () => {
  const { code, out } = await watch([], /done/, () => submit());
  expect(code).toBe(0);
  expect(out).toMatch(/done/);
});

test('Ctrl-C before the job has ended says that it goes on', async () => {
  expect((await watch([await submit('1h')], /waiting/)).code).toBe(4);
});
