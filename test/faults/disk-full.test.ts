import { createHash } from 'node:crypto';
import { cp, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openFilesystemBlobStore } from '../../src/adapters/filesystem/blob-store.ts';
import { openSqliteJobStore } from '../../src/adapters/sqlite/job-store.ts';
import { openKept } from '../../src/adapters/sqlite/kept-database.ts';
import { removeOrphans } from '../../src/engine/retention.ts';
import { type DiskClient, diskClient } from '../support/disk-client.ts';
import { recordFigure } from '../support/figures.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { onePixelPng } from '../support/pictures.ts';
import { eventually, type Program, startProgram, temporaryFolder } from '../support/program.ts';
import { canMakeSmallDisks, makeSmallDisk, type SmallDisk } from '../support/small-disk.ts';

/** How often the disk gets full. More for a soak: COATCHECK_TEST_FILLS=50 npx vitest run test/faults/disk-full.test.ts */
const fills = Number(process.env.COATCHECK_TEST_FILLS ?? 2);
const fullMs = 2_500;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let disk: SmallDisk;
let server: Program;

beforeEach(async () => {
  folder = await temporaryFolder();
  await mkdir(join(folder.path, 'disk'));
  disk = await makeSmallDisk(join(folder.path, 'disk'), 64);
});
afterEach(async () => {
  await server.end('SIGKILL');
  await disk.remove();
  await folder.remove();
});

async function start(...flags: string[]): Promise<void> {
  server = await startProgram(join(disk.inside, 'data'), ['--workers', '2', '--sandbox', 'none', ...flags], {
    through: disk.through,
  });
}

const data = (...names: string[]) => join(disk.path, 'data', ...names);
const status = async (path: string) => (await fetch(`${server.url}${path}`)).status;

interface JobView {
  id: string;
  state: string;
  error: unknown;
}

async function job(id: string): Promise<JobView> {
  const response = await fetch(`${server.url}/v1/jobs/${id}`);
  if (response.status !== 200) return { id, state: `${response.status}`, error: await response.text() };
  return (await response.json()) as JobView;
}

async function allEnded(client: DiskClient): Promise<void> {
  const open = new Set(client.jobs);
  await eventually(
    'every acknowledged job has ended',
    async () => {
      for (const id of open) if (!['queued', 'running'].includes((await job(id)).state)) open.delete(id);
      return open.size === 0;
    },
    120_000,
  );
}

/** Fills the disk again and again, as the server takes room that it has just made. Reads and probes are tried meanwhile. */
async function keepFull(client: DiskClient): Promise<{ unready: number; reads: number; wrongReads: string[] }> {
  const until = Date.now() + fullMs;
  const seen = { unready: 0, reads: 0, wrongReads: [] as string[] };
  while (Date.now() < until) {
    disk.fill('ballast');
    const [some = ''] = client.jobs;
    const [live, ready, read] = await Promise.all([status('/livez'), status('/readyz'), status(`/v1/jobs/${some}`)]);
    if (live !== 200 || read !== 200) seen.wrongReads.push(`livez ${live} read ${read}`);
    if (ready === 503) seen.unready += 1;
    seen.reads += 1;
  }
  return seen;
}

test.runIf(canMakeSmallDisks())(
  `a disk that gets full (${fills} times) loses nothing, and there is no restart needed when it has room again`,
  { timeout: 120_000 + fills * 30_000 },
  async () => {
    await start('--storage-reserve-bytes', '0');
    const client = await diskClient(() => server.url);
    client.start();
    const recoveries: number[] = [];
    for (let round = 0; round < fills; round += 1) {
      const before = client.jobs.size;
      await eventually('jobs are accepted', () => client.jobs.size >= before + 20, 30_000);
      const seen = await keepFull(client);
      expect(seen.wrongReads).toEqual([]);
      expect(seen.unready).toBeGreaterThanOrEqual(seen.reads - 2);
      const accepted = client.jobs.size;
      const large = client.files.size;
      disk.free('ballast');
      const freedAt = Date.now();
      await eventually(
        'it is ready, and small and large requests are taken again',
        async () => client.jobs.size > accepted && client.files.size > large && (await status('/readyz')) === 200,
        30_000,
      );
      recoveries.push((Date.now() - freedAt) / 1000);
    }
    await client.end();
    await allEnded(client);
    expect(client.wrong).toEqual([]);
    expect(client.statuses.get('507') ?? 0).toBeGreaterThan(0);

    const notDone: unknown[] = [];
    for (const id of client.jobs) {
      const view = await job(id);
      if (view.state !== 'succeeded') notDone.push(view);
    }
    expect(notDone).toEqual([]);
    for (const [id, sha256] of client.files) {
      const bytes = Buffer.from(await (await fetch(`${server.url}/v1/files/${id}`)).arrayBuffer());
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256);
    }
    expect(await server.end('SIGTERM')).toBe(0);
    const torn = await tornFiles();
    const counts = [...client.statuses].map(([code, count]) => `${code}: ${count}`).join(', ');
    recordFigure(
      7,
      `disk full ${fills} times for ${fullMs / 1000} s: liveness 200 throughout, readiness 503, reads 200, no restart; ready ${Math.max(...recoveries).toFixed(1)} s after there was room at the latest; ${client.jobs.size} jobs acknowledged, lost or failed ${notDone.length} (answers ${counts})`,
    );
    expect(torn).toEqual({ torn: [], orphans: [], temporary: [] });
  },
);

/** After the next search for orphans: rows without whole bytes, bytes without a row, and temporary files. */
async function tornFiles(): Promise<{ torn: string[]; orphans: string[]; temporary: string[] }> {
  const clock = new ManualClock(Date.now() + 2 * 3_600_000);
  // SQLite does not follow the path by which the test sees the disk.
  const copy = join(folder.path, 'copy');
  await cp(data(), copy, { recursive: true });
  const blobs = await openFilesystemBlobStore({ folder: join(copy, 'blobs'), clock });
  const store = openSqliteJobStore({ path: join(copy, 'coatcheck.db'), clock });
  await removeOrphans({ blobs, store });
  await store.close();
  const database = openKept(join(copy, 'coatcheck.db'), {});
  const rows = database
    .prepare<[], { blob: string; sha256: string }>('SELECT DISTINCT blob, sha256 FROM files WHERE bytes > 131072')
    .all();
  database.close();
  const torn: string[] = [];
  for (const { blob, sha256 } of rows) {
    const hash = createHash('sha256');
    try {
      for await (const chunk of await blobs.open(blob)) hash.update(chunk);
      if (hash.digest('hex') !== sha256) torn.push(blob);
    } catch {
      torn.push(`${blob} is missing`);
    }
  }
  const known = new Set(rows.map(({ blob }) => blob));
  const orphans: string[] = [];
  for await (const page of blobs.older(0)) orphans.push(...page.filter((id) => !known.has(id)));
  const executors = await readdir(join(copy, 'executors'), { recursive: true, withFileTypes: true }).catch(() => []);
  const left = executors.filter((entry) => entry.isFile()).map(({ name }) => name);
  return { torn, orphans, temporary: [...(await readdir(join(copy, 'blobs', 'uploads'))), ...left] };
}

test.runIf(canMakeSmallDisks())(
  'while less than the reserve is free, new work is refused and what was taken before is done',
  async () => {
    await start('--storage-reserve-bytes', '24MB');
    const pause = (paused: boolean) =>
      fetch(`${server.url}/v1/queues/thumbnails/${paused ? 'pause' : 'resume'}`, { method: 'POST' });
    expect((await pause(true)).status).toBe(200);
    const client = await diskClient(() => server.url);
    for (let round = 0; round < 4; round += 1) await client.round();
    expect(client.wrong).toEqual([]);
    expect(client.jobs.size).toBe(28);

    disk.fill('ballast', (await freeBytesTold()) - 22 * 1024 ** 2);
    const ask = () =>
      fetch(`${server.url}/v1/thumbnails?fresh=true`, {
        method: 'POST',
        headers: { 'content-type': 'image/png' },
        body: new Uint8Array(onePixelPng),
      });
    await eventually('new work is refused', async () => (await ask()).status === 507);
    const refused = await ask();
    expect(refused.headers.get('retry-after')).not.toBeNull();
    expect(await refused.json()).toMatchObject({ type: '/problems/insufficient-storage' });
    expect((await pause(false)).status).toBe(200);
    await allEnded(client);
    for (const id of client.jobs) expect(await job(id)).toMatchObject({ state: 'succeeded' });
    expect(await status('/readyz')).toBe(200);

    const [first = ''] = client.jobs;
    expect((await fetch(`${server.url}/v1/jobs/${first}`, { method: 'DELETE' })).status).toBe(204);
    disk.free('ballast');
    await eventually('it takes work again', async () => {
      const before = client.jobs.size;
      await client.round();
      return client.jobs.size > before;
    });
  },
);

test.runIf(canMakeSmallDisks())('an upload that would use up the reserve is refused before and while it comes', async () => {
  await start('--storage-reserve-bytes', '16MB');
  const send = (body: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>) =>
    fetch(`${server.url}/v1/files`, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream' },
      body,
      duplex: 'half',
    } as RequestInit);
  const declared = await send(new Uint8Array(60 * 1024 ** 2));
  expect(declared.status).toBe(507);
  expect(await readdir(data('blobs', 'uploads'))).toEqual([]);

  let chunks = 0;
  const chunked = new ReadableStream<Uint8Array>({
    pull(controller) {
      chunks += 1;
      if (chunks > 60) controller.close();
      else controller.enqueue(new Uint8Array(1024 ** 2));
    },
  });
  const streamed = await send(chunked);
  expect(streamed.status).toBe(507);
  expect(await streamed.json()).toMatchObject({ type: '/problems/insufficient-storage' });
  await eventually('nothing of it is left', async () => (await readdir(data('blobs', 'uploads'))).length === 0);
  expect((await send(new Uint8Array(1024 ** 2))).status).toBe(201);
});

async function freeBytesTold(): Promise<number> {
  const response = await fetch(`${server.url}/v1/storage`);
  return ((await response.json()) as { freeBytes: number }).freeBytes;
}
