import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ManualClock } from '../../../test/support/manual-clock.ts';
import { compiledUrl } from '../../core/compiled-url.ts';
import { newId } from '../../core/ids.ts';
import { describeBlobStore } from '../../ports/blob-store.suite.ts';
import { openFilesystemBlobStore } from './blob-store.ts';

const bytesMax = 10_000_000;
/** What a child process, which runs JavaScript, imports. */
const blobStoreUrl = compiledUrl('./blob-store.ts', import.meta.url).href;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coatcheck-blobs-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describeBlobStore('filesystem', (clock) => openFilesystemBlobStore({ folder: join(folder, 'made', 'on', 'the', 'way'), clock }));

async function files(): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

test('a blob outlives its store', async () => {
  const { id } = await (await openFilesystemBlobStore({ folder })).put(Readable.from([Buffer.from('kept')]), { bytesMax });
  const again = await openFilesystemBlobStore({ folder });
  expect((await (await again.open(id)).toArray()).join('')).toBe('kept');
});

test('a blob is a file that only its owner reads, named by its id, three folders down', async () => {
  const store = await openFilesystemBlobStore({ folder });
  const { id } = await store.put(Readable.from([Buffer.from('x')]), { bytesMax });
  const [file = ''] = await files();
  expect(file.split(sep)).toEqual(['blobs', id.slice(0, 6), id.slice(6, 8), id]);
  expect((await stat(join(folder, file))).mode & 0o777).toBe(0o600);
});

test('a process that is killed in the middle of a put leaves no blob, and the sweep removes what it had written', async () => {
  const program = `
    const { openFilesystemBlobStore } = await import(${JSON.stringify(blobStoreUrl)});
    const store = await openFilesystemBlobStore({ folder: ${JSON.stringify(folder)} });
    async function* endless() {
      for (let chunk = 0; ; chunk += 1) {
        if (chunk === 5) process.stdout.write('under way');
        yield Buffer.alloc(300_000);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    }
    await store.put(endless(), { bytesMax: 1e12 });`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    await Promise.race([
      once(child.stdout, 'data'),
      once(child, 'exit').then(() => Promise.reject(new Error('it ended too soon'))),
    ]);
  } finally {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
  const [leftover = '', ...more] = await files();
  expect(more).toEqual([]);
  expect((await stat(join(folder, leftover))).size).toBeGreaterThan(0);

  const clock = new ManualClock(Date.now() + 1_000);
  const store = await openFilesystemBlobStore({ folder, clock });
  for await (const page of store.older(0)) expect.unreachable(`a torn blob is listed: ${page}`);
  expect(await store.sweep()).toBe(1);
  expect(await files()).toEqual([]);
});

test('folders that removed blobs leave empty go once nothing new can come into them', async () => {
  const clock = new ManualClock(Date.now());
  const store = await openFilesystemBlobStore({ folder, clock });
  const [early, late] = [
    await store.put(Readable.from([Buffer.from('1')]), { bytesMax }),
    await store.put(Readable.from([Buffer.from('2')]), { bytesMax }),
  ];
  await store.remove(early.id);
  expect(await readdir(join(folder, 'blobs'))).not.toEqual([]);
  clock.advance(24 * 3_600_000);
  await store.remove(late.id);
  expect(await readdir(join(folder, 'blobs'))).toEqual([]);
  const again = await store.put(Readable.from([Buffer.from('3')]), { bytesMax });
  expect((await (await store.open(again.id)).toArray()).join('')).toBe('3');
});

test('what lies in the folder and is not named by an id is no blob', async () => {
  const store = await openFilesystemBlobStore({ folder, clock: new ManualClock(Date.now() + 10_000) });
  const { id } = await store.put(Readable.from([Buffer.from('x')]), { bytesMax });
  const [file = ''] = await files();
  await writeFile(join(folder, file, '..', 'stray.txt'), 'not ours');
  const pages: string[][] = [];
  for await (const page of store.older(0)) pages.push(page);
  expect(pages).toEqual([[id]]);
});

test('a folder that has gone away is reported as such, and not as blobs that are gone', async () => {
  const store = await openFilesystemBlobStore({ folder });
  await rm(folder, { recursive: true });
  await expect(store.check()).rejects.toMatchObject({ code: 'service-unavailable' });
  await expect(store.open(newId())).rejects.toMatchObject({ code: 'service-unavailable' });
  await expect(store.put(Readable.from([Buffer.from('x')]), { bytesMax })).rejects.toMatchObject({ code: 'service-unavailable' });
});

/** Whether a process may mount a small disk of its own here. */
const canMount = spawnSync('unshare', ['-Urm', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;

test.runIf(canMount)('a full disk is told of as such, and what was written goes', async () => {
  const program = `
    const { openFilesystemBlobStore } = await import(${JSON.stringify(blobStoreUrl)});
    const { readdir } = await import('node:fs/promises');
    const store = await openFilesystemBlobStore({ folder: '/mnt/store' });
    const error = await store.put((async function* () { for (;;) yield Buffer.alloc(300_000); })(), { bytesMax: 1e12 }).catch((thrown) => thrown);
    console.log(JSON.stringify({ code: error.code, cause: error.cause?.code, left: await readdir('/mnt/store/uploads') }));`;
  const script = `mount -t tmpfs -o size=2m none /mnt && exec "$0" --input-type=module --eval "$1"`;
  const { stdout, stderr } = spawnSync('unshare', ['-Urm', 'sh', '-c', script, process.execPath, program], { encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual({ code: 'insufficient-storage', cause: 'ENOSPC', left: [] });
});
