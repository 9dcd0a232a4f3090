import { createHash } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openFilesystemBlobStore } from '../../src/adapters/filesystem/blob-store.ts';
import { openSqliteJobStore } from '../../src/adapters/sqlite/job-store.ts';
import { openKept } from '../../src/adapters/sqlite/kept-database.ts';
import { systemClock } from '../../src/core/clock.ts';
import { canTrace } from '../support/can-trace.ts';
import { diskClient } from '../support/disk-client.ts';
import { recordFigure } from '../support/figures.ts';
import { isComplete, readTape, recorder, type TapeEvent } from '../support/file-tape.ts';
import { eventually, startProgram, temporaryFolder } from '../support/program.ts';
import { UnsafeDisk } from '../support/unsafe-disk.ts';

/** Points at which the power is cut. More for a soak: COATCHECK_TEST_CUTS=2000 npx vitest run test/faults/power-cut.test.ts */
const cuts = Number(process.env.COATCHECK_TEST_CUTS ?? 60);
const rounds = 2;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());

/** A server works under load on a data folder that it makes; what it did to files and told its clients. */
async function record(top: string): Promise<TapeEvent[]> {
  const tape = join(folder.path, 'tape');
  const server = await startProgram(join(top, 'data'), ['--workers', '1', '--sandbox', 'none'], { through: recorder(tape) });
  try {
    const client = await diskClient(() => server.url);
    for (let round = 0; round < rounds; round += 1) await client.round();
    expect(client.wrong).toEqual([]);
    const stateOf = async (id: string) =>
      ((await (await fetch(`${server.url}/v1/jobs/${id}`)).json()) as { state: string }).state;
    await eventually(
      'all jobs have succeeded',
      async () => (await Promise.all([...client.jobs].map(stateOf))).every((state) => state === 'succeeded'),
      60_000,
    );
  } finally {
    await server.end('SIGTERM');
  }
  await eventually('the recording is complete', () => isComplete(tape, server.pid), 60_000);
  return readTape(tape);
}

/** What clients have been told: jobs and files that are there, and jobs that have succeeded. */
interface Told {
  readonly jobs: Set<string>;
  readonly files: Set<string>;
  readonly succeeded: Set<string>;
}

function hear(told: Told, bytes: Buffer): void {
  const text = bytes.toString('latin1');
  const status = /^HTTP\/1\.1 (\d+)/.exec(text)?.[1];
  if (status === '201') told.files.add(/"id":"([0-9a-f-]{36})"/.exec(text)?.[1] ?? 'none');
  // One job, or the ids of many in the order of the call.
  if (status === '202') for (const [, id = ''] of text.matchAll(/(?:^|[[,\n]){"id":"([0-9a-f-]{36})"/g)) told.jobs.add(id);
  if (status === '200' && text.includes('"state":"succeeded"'))
    told.succeeded.add(/"id":"([0-9a-f-]{36})"/.exec(text)?.[1] ?? 'none');
}

/** Opens what is left as the next server would, and says what is not as it was told. */
async function faultsOf(data: string, told: Told): Promise<string[]> {
  const store = openSqliteJobStore({ path: join(data, 'coatcheck.db'), clock: systemClock });
  const blobs = await openFilesystemBlobStore({ folder: join(data, 'blobs') });
  const faults: string[] = [];
  for (const id of told.jobs) if ((await store.get(id)) === null) faults.push(`the job ${id} is lost`);
  for (const id of told.files) if ((await store.getFile(id)) === null) faults.push(`the file ${id} is lost`);
  for (const id of told.succeeded) if ((await store.get(id))?.state !== 'succeeded') faults.push(`the end of ${id} is lost`);
  const database = openKept(join(data, 'coatcheck.db'), { readonly: true });
  const files = database.prepare<[], { blob: string; sha256: string }>('SELECT DISTINCT blob, sha256 FROM files').all();
  const [sound] = database.prepare<[], { integrity_check: string }>('PRAGMA integrity_check').all();
  if (sound?.integrity_check !== 'ok') faults.push(`the database says ${sound?.integrity_check}`);
  database.close();
  for (const { blob, sha256 } of files) {
    const hash = createHash('sha256');
    try {
      const content = await store.getContent(blob);
      if (content !== null) hash.update(content);
      else for await (const chunk of await blobs.open(blob)) hash.update(chunk);
      if (hash.digest('hex') !== sha256) faults.push(`the bytes of ${blob} are torn`);
    } catch (error) {
      faults.push(`the bytes of ${blob}: ${error instanceof Error ? error.message : error}`);
    }
  }
  await store.close();
  return faults;
}

test.runIf(canTrace('A POWER CUT'))(
  `what clients were told survives a power cut at any moment (${cuts} cuts)`,
  { timeout: 120_000 + cuts * 1_000 },
  async () => {
    const top = join(folder.path, 'disk');
    await mkdir(top);
    const events = await record(top);
    const first = events.findIndex((event) => event.kind === 'told' && event.bytes.includes('HTTP/1.1 20'));
    expect(first).toBeGreaterThan(0);
    const points = new Set(Array.from({ length: cuts }, () => first + Math.floor(Math.random() * (events.length - first))));
    const disk = new UnsafeDisk(top);
    const told: Told = { jobs: new Set(), files: new Set(), succeeded: new Set() };
    const faults: string[] = [];
    for (const [at, event] of events.entries()) {
      disk.apply(event);
      if (event.kind === 'told') hear(told, event.bytes);
      if (!points.has(at)) continue;
      // Nothing, a part or all of what was not synced is there.
      const share = [0, 0.5, 0.9, 1][at % 4] ?? 0;
      const left = join(folder.path, 'left');
      disk.cut(
        left,
        () => Math.random() < share,
        () => (Math.random() < 0.5 ? 1 : Math.random()),
      );
      const found = await faultsOf(join(left, 'data'), told).catch((error: unknown) => [String(error)]);
      faults.push(...found.map((fault) => `cut ${at} of ${events.length}, ${share} kept: ${fault}`));
      await rm(left, { recursive: true });
    }
    const lost = faults.filter((fault) => fault.endsWith('is lost')).length;
    recordFigure(
      29,
      `${points.size} power cuts in ${events.length} recorded operations of a server: torn results ${faults.length - lost}; lost ${lost} of ${told.jobs.size} jobs, ${told.files.size} files and ${told.succeeded.size} ends of jobs that clients were told of`,
    );
    expect(told.jobs.size).toBe(rounds * 7);
    expect(told.files.size).toBe(rounds);
    expect(told.succeeded.size).toBe(rounds * 7);
    expect(faults).toEqual([]);
  },
);
