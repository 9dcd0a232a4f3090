import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { canTrace } from '../support/can-trace.ts';
import { type DiskClient, diskClient } from '../support/disk-client.ts';
import { recordFigure } from '../support/figures.ts';
import { eventually, type Program, startProgram, temporaryFolder } from '../support/program.ts';
import { canMakeSmallDisks, makeSmallDisk } from '../support/small-disk.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let data: string;
let server: Program;

beforeEach(async () => {
  folder = await temporaryFolder();
  data = join(folder.path, 'data');
});
afterEach(async () => {
  await server.end('SIGKILL');
  await folder.remove();
});

const flags = ['--workers', '2', '--sandbox', 'none'];
const probe = async (path: string) => (await fetch(`${server.url}${path}`)).status;

async function stateOf(id: string): Promise<string> {
  const response = await fetch(`${server.url}/v1/jobs/${id}`);
  return response.ok ? ((await response.json()) as { state: string }).state : `${response.status}`;
}

async function allSucceed(client: DiskClient): Promise<void> {
  await eventually(
    'every acknowledged job has succeeded',
    async () => (await Promise.all([...client.jobs].map(stateOf))).every((state) => state === 'succeeded'),
    60_000,
  );
}

/** Cuts storage under load, expects the probes to tell of it, mends it, and gives the seconds until the server works again. */
async function cutAndMend(client: DiskClient, cut: () => Promise<void>, mend: () => Promise<void>): Promise<number> {
  client.start();
  await eventually('work is accepted', () => client.jobs.size >= 20 && client.files.size >= 2, 30_000);
  await cut();
  const cutAt = Date.now();
  const probes: { live: number; ready: number }[] = [];
  while (Date.now() - cutAt < 2_500 || probes.length < 2) {
    const [live, ready] = await Promise.all([probe('/livez'), probe('/readyz')]);
    probes.push({ live, ready });
    // The log that is kept of the server has an end.
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await mend();
  const mendedAt = Date.now();
  const { jobs, files } = client;
  const before = { jobs: jobs.size, files: files.size };
  await eventually(
    'it is ready and takes work',
    async () => jobs.size > before.jobs && files.size > before.files && (await probe('/readyz')) === 200,
    30_000,
  );
  const seconds = (Date.now() - mendedAt) / 1000;
  await client.end();
  await allSucceed(client);
  expect(client.wrong).toEqual([]);
  expect(probes.filter(({ live }) => live !== 200)).toEqual([]);
  expect(probes.slice(1).filter(({ ready }) => ready !== 503)).toEqual([]);
  return seconds;
}

test('a data folder that is away for a moment loses nothing', { timeout: 120_000 }, async () => {
  server = await startProgram(data, flags);
  const client = await diskClient(() => server.url);
  const away = join(folder.path, 'away');
  const seconds = await cutAndMend(
    client,
    () => rename(data, away),
    () => rename(away, data),
  );
  recordFigure(
    7,
    `data folder moved away and back: liveness 200, readiness 503 within 2 probes, no restart; working again after ${seconds.toFixed(1)} s; ${client.jobs.size} jobs acknowledged, all succeeded`,
  );
  expect(server.log()).toContain('database.back');
});

test('a data folder that may not be written for a while loses nothing', { timeout: 120_000 }, async () => {
  await mkdir(data);
  const isRoot = process.getuid?.() === 0;
  // Root may write everywhere by this one right.
  const through = isRoot ? ['setpriv', '--bounding-set=-dac_override'] : [];
  server = await startProgram(data, flags, { through });
  const client = await diskClient(() => server.url);
  const blobs = join(data, 'blobs');
  const places = [blobs, join(blobs, 'uploads'), join(blobs, 'blobs')];
  const seconds = await cutAndMend(
    client,
    async () => void (await Promise.all(places.map((place) => chmod(place, 0o500)))),
    async () => void (await Promise.all(places.map((place) => chmod(place, 0o700)))),
  );
  recordFigure(
    7,
    `folder of files read-only: liveness 200, readiness 503 within 2 probes, no restart; working again after ${seconds.toFixed(1)} s; ${client.jobs.size} jobs acknowledged, all succeeded`,
  );
});

test('a database that another program keeps locked for a while loses nothing', { timeout: 120_000 }, async () => {
  server = await startProgram(data, flags);
  const client = await diskClient(() => server.url);
  let locker: ChildProcess | null = null;
  const program = `
    const Sqlite = require(${JSON.stringify(createRequire(import.meta.url).resolve('better-sqlite3'))});
    const database = new Sqlite(${JSON.stringify(join(data, 'coatcheck.db'))}, { timeout: 30_000 });
    database.exec('BEGIN IMMEDIATE');
    console.log('locked');
    setInterval(() => {}, 1_000);`;
  const seconds = await cutAndMend(
    client,
    async () => {
      locker = spawn(process.execPath, ['--input-type=commonjs', '--eval', program], { stdio: ['ignore', 'pipe', 'inherit'] });
      if (locker.stdout !== null) await once(locker.stdout, 'data');
    },
    async () => {
      locker?.kill('SIGKILL');
      if (locker !== null) await once(locker, 'exit');
    },
  );
  recordFigure(
    7,
    `database locked by another program: liveness 200, readiness 503 within 2 probes, no restart; working again after ${seconds.toFixed(1)} s; ${client.jobs.size} jobs acknowledged, all succeeded`,
  );
});

test.runIf(canTrace('A DISK THAT FAILS TO SYNC'))(
  'a disk that fails to sync for a while loses nothing',
  { timeout: 180_000 },
  async () => {
    const log = join(data, 'coatcheck.db-wal');
    const faults = ['-P', log, '-e', 'trace=fdatasync', '-e', 'inject=fdatasync:error=EIO:when=15..25'];
    server = await startProgram(data, flags, { through: ['strace', '-D', '-f', '-q', '-o', '/dev/null', ...faults] });
    const client = await diskClient(() => server.url);
    client.start();
    await eventually('work is refused', () => client.statuses.has('503'), 60_000);
    const before = client.jobs.size;
    await eventually('work is accepted again', () => client.jobs.size > before + 20, 60_000);
    await client.end();
    await allSucceed(client);
    expect(client.wrong).toEqual([]);
    await server.end('SIGKILL');
    server = await startProgram(data, flags);
    await allSucceed(client);
    recordFigure(
      7,
      `11 syncs of the log failed: ${client.jobs.size} jobs acknowledged (refused ${client.statuses.get('503')}), all succeeded, no restart`,
    );
  },
);

test('a data folder that stays away ends the server with a reason, and a new start begins anew', {
  timeout: 60_000,
}, async () => {
  server = await startProgram(data, flags);
  await rm(data, { recursive: true });
  const refused = await fetch(`${server.url}/v1/files`, { method: 'POST', body: new Uint8Array(10) });
  expect(refused.status).toBe(503);
  expect(refused.headers.get('retry-after')).not.toBeNull();
  expect(await server.ended).toBe(1);
  expect(server.log()).toMatch(/The database \S+coatcheck\.db was removed.*bring the data folder back, or restore a backup/);
  server = await startProgram(data, flags);
  expect(await probe('/readyz')).toBe(200);
});

test.runIf(canMakeSmallDisks())('a disk that is pulled out ends the server with a reason', { timeout: 60_000 }, async () => {
  await mkdir(data);
  const disk = await makeSmallDisk(data, 64);
  try {
    server = await startProgram(join(data, 'folder'), [...flags, '--storage-reserve-bytes', '0'], { through: disk.through });
    const client = await diskClient(() => server.url);
    client.start();
    await eventually('work is accepted', () => client.jobs.size >= 10, 30_000);
    disk.detach();
    const refused = await fetch(`${server.url}/v1/files`, { method: 'POST', body: new Uint8Array(10) });
    expect([503, 507]).toContain(refused.status);
    expect(await probe('/livez')).toBe(200);
    expect(await probe('/readyz')).toBe(503);
    await client.end();
    expect(client.wrong).toEqual([]);
    expect(await server.ended).toBe(1);
    expect(server.log()).toContain('was removed, or another file is in its place');
  } finally {
    await disk.remove();
  }
});
