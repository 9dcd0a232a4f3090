import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Origin, openOrigin } from '../../test/support/origin.ts';
import { type Program, startProgram, temporaryFolder } from '../../test/support/program.ts';

const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let server: Program;
let origin: Origin;

beforeAll(async () => {
  folder = await temporaryFolder();
  origin = await openOrigin((_request, response) => createReadStream(join(folder.path, 'photo.png')).pipe(response));
  server = await startProgram(join(folder.path, 'data'), ['--workers', '1', '--allow-source', `127.0.0.1:${origin.port}`]);
  const picture = sharp({ create: { width: 320, height: 200, channels: 3, background: '#336699' } });
  await picture.png().toFile(join(folder.path, 'photo.png'));
  await writeFile(join(folder.path, 'broken.png'), (await readFile(join(folder.path, 'photo.png'))).subarray(0, 120));
});
afterAll(async () => {
  await server?.end('SIGKILL');
  await origin.close();
  await folder.remove();
});

async function submit(args: readonly string[], stdin?: Buffer, signalWhen?: RegExp) {
  const child = spawn(process.execPath, [program, 'submit', ...args], {
    env: { PATH: process.env.PATH ?? '', COATCHECK_SERVER: server.url },
    cwd: folder.path,
  });
  const out: Buffer[] = [];
  let err = '';
  let interrupted = false;
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    err += chunk;
    if (!interrupted && signalWhen?.test(err)) interrupted = child.kill('SIGINT');
  });
  child.stdin.end(stdin);
  await once(child, 'close');
  const bytes = Buffer.concat(out);
  return { code: child.exitCode, bytes, out: bytes.toString(), err };
}

const inFolder = (...names: string[]) => join(folder.path, ...names);

test('a picture goes in and its thumbnail comes out', async () => {
  const { code, out, err } = await submit([
    'photo.png',
    '--service',
    'thumbnails',
    '--width',
    '64',
    '--height=48',
    '--format',
    'webp',
    '--output',
    'small.webp',
  ]);
  expect(code, err).toBe(0);
  expect(out).toBe('ok      photo.png: thumbnails is done\n  saved   small.webp\n');
  expect(await sharp(inFolder('small.webp')).metadata()).toMatchObject({ width: 64, height: 48, format: 'webp' });
});

test('several outputs are numbered, or get names of their own in a folder', async () => {
  const sizes = JSON.stringify([
    { width: 10, height: 10 },
    { width: 20, height: 20 },
  ]);
  const numbered = await submit(['photo.png', '--service', 'thumbnails', '--sizes', sizes, '--output', 'many.png']);
  expect(numbered.code).toBe(0);
  expect((await sharp(inFolder('many-1.png')).metadata()).width).toBe(10);
  expect((await sharp(inFolder('many-2.png')).metadata()).width).toBe(20);
  await mkdir(inFolder('out'));
  const named = await submit(['photo.png', '--service', 'thumbnails', '--sizes', sizes, '--output', 'out', '--json']);
  const report = JSON.parse(named.out);
  expect(report).toMatchObject({
    state: 'succeeded',
    reusedFrom: expect.any(String),
    result: { thumbnails: [{ width: 10 }, { width: 20 }] },
  });
  expect(report.saved.map(({ path }: { path: string }) => path.slice('out/'.length)).toSorted()).toEqual(
    (await readdir(inFolder('out'))).toSorted(),
  );
});

test('standard input goes in and the file comes out on standard output', async () => {
  const { code, bytes } = await submit(
    ['-', '--service', 'thumbnails', '--width=30', '--height=30', '--output', '-'],
    await readFile(inFolder('photo.png')),
  );
  expect(code).toBe(0);
  expect(await sharp(bytes).metadata()).toMatchObject({ width: 30, height: 30, format: 'png' });
});

test('without waiting it tells where the job and its result are', async () => {
  const { code, out } = await submit([
    'photo.png',
    '--service',
    'thumbnails',
    '--label',
    'case=A',
    '--label',
    'b=c',
    '--priority',
    '-5',
    '--fresh',
  ]);
  expect(code).toBe(0);
  const [, job = ''] = /job {5}(\S+)/.exec(out) ?? [];
  expect(await (await fetch(job)).json()).toMatchObject({ labels: { case: 'A', b: 'c' }, priority: -5, reusedFrom: null });
});

test('a broken file is a failed job with a reason', async () => {
  const human = await submit(['broken.png', '--service', 'thumbnails', '--wait']);
  expect(human.code).toBe(1);
  expect(human.out).toMatch(/^problem broken\.png: thumbnails failed: .+\n {2}job {5}http:\S+\n$/);
  const json = await submit(['broken.png', '--service', 'thumbnails', '--wait', '--json']);
  expect(json.code).toBe(1);
  expect(JSON.parse(json.out)).toMatchObject({ state: 'failed', error: { type: '/problems/unprocessable-media', status: 422 } });
  expect(json.err).toBe('');
});

test('what the server refuses is told, fields by their flags', async () => {
  await writeFile(inFolder('text.txt'), 'no picture');
  expect(await submit(['text.txt', '--service', 'thumbnails'])).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringContaining('The server refused it: '),
  });
  expect((await submit(['photo.png', '--service', 'thumbnails', '--width', '0'])).err).toMatch(
    /(?:^|\n)The server refused it: --width: .+\n$/,
  );
  await writeFile(inFolder('two\nlines.png'), await readFile(inFolder('photo.png')));
  expect((await submit(['two\nlines.png', '--service', 'thumbnails'])).err).toMatch(/\n {2}file: has control characters\n$/);
});

test.each<[string[], string]>([
  [['photo.png', '--service', 'thumbnials'], 'There is no service "thumbnials". Did you mean thumbnails?'],
  [
    ['photo.png', '--service', 'thumbnails', '--widht', '3'],
    'The service thumbnails has no option --widht. Did you mean --width? Its options are --',
  ],
  [['missing.png', '--service', 'thumbnails'], 'There is no file missing.png.'],
  [['.', '--service', 'thumbnails'], '. is a folder; name one file.'],
  [['caf\uFFFD.png', '--service', 'thumbnails'], 'is not written in UTF-8'],
  [['photo.png', '--service', 'thumbnails', '--output', 'no/such.png'], 'in the folder no (it is not there)'],
  [['photo.png', '--service', 'thumbnails', '--output', 'photo.png/'], 'Nothing can be saved in the folder photo.png/ ('],
  [['--service', 'thumbnails'], 'The service thumbnails needs a FILE'],
  [['photo.png', 'b.png', '--service', 'thumbnails'], 'There is no file b.png.'],
  [['photo.png', '-', '--service', 'thumbnails'], 'Standard input ("-") can only be handed in alone.'],
  [['photo.png', 'photo.png', '--service', 'thumbnails', '--output', '-'], 'Several files need a folder'],
  [['photo.png', 'photo.png', '--service', 'thumbnails', '--output', 'photo.png'], 'photo.png is a file: several'],
])('%j is wrong usage', async (args, sentence) => {
  const { code, out, err } = await submit(args);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain(sentence);
});

test('the waiting can be broken off, by a time or by Ctrl-C, and the job stays', async () => {
  await fetch(`${server.url}/v1/queues/thumbnails/pause`, { method: 'POST' });
  const args = ['photo.png', '--service', 'thumbnails', '--fresh', '--wait'];
  const timed = await submit([...args, '--timeout', '1s']);
  expect(timed).toMatchObject({ code: 4, out: '', err: expect.stringContaining('Stopped waiting; the job goes on: ') });
  const interrupted = await submit(args, undefined, /waiting/);
  expect(interrupted).toMatchObject({ code: 4, err: expect.stringContaining('Stopped waiting') });
  const [, job = ''] = /goes on: (\S+)/.exec(interrupted.err) ?? [];
  expect(await (await fetch(job)).json()).toMatchObject({ state: 'queued' });
  const canceled = await fetch(`${job}/cancel`, { method: 'POST' });
  expect(canceled.status).toBe(200);
  await fetch(`${server.url}/v1/queues/thumbnails/resume`, { method: 'POST' });
});

test('several files are handed in together, each saved under a name of its own; the worst outcome is the exit code', async () => {
  await mkdir(inFolder('more'), { recursive: true });
  await writeFile(inFolder('more/photo.png'), await readFile(inFolder('photo.png')));
  const args = ['--service', 'thumbnails', '--width', '17', '--height', '17', '--output', 'several'];
  const good = await submit(['photo.png', 'more/photo.png', ...args]);
  expect(good.code).toBe(0);
  expect(good.out.match(/^ok {6}photo\.png: thumbnails is done/gm)).toHaveLength(2);
  expect(await readdir(inFolder('several'))).toHaveLength(2);

  await writeFile(inFolder('text.txt'), 'no picture');
  const mixed = await submit(['photo.png', 'broken.png', 'text.txt', 'more/photo.png', ...args, '--json']);
  expect({ code: mixed.code, err: mixed.err }).toEqual({ code: 1, err: '' });
  const reports = mixed.out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const byFile = Object.fromEntries(reports.map((report) => [report.file, report.state ?? report.error.type]));
  expect(byFile).toEqual({
    'photo.png': 'succeeded',
    'broken.png': 'failed',
    'text.txt': '/problems/unsupported-media-type',
    'more/photo.png': 'succeeded',
  });
});

test('what makes no files is saved in a folder under the name of what was handed in', async () => {
  const { code, out } = await submit(['photo.png', '--service', 'classifications', '--output', 'made/here/']);
  expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining('saved   made/here/photo.json') });
  expect(JSON.parse(await readFile(inFolder('made/here/photo.json'), 'utf8'))).toMatchObject({ model: 'kinds' });
});

test('Ctrl-C among several files tells which jobs go on, and how many files were not handed in', async () => {
  await fetch(`${server.url}/v1/queues/thumbnails/pause`, { method: 'POST' });
  const files = Array.from({ length: 6 }, () => 'photo.png');
  const { code, err } = await submit([...files, '--service', 'thumbnails', '--fresh', '--wait'], undefined, /waiting/);
  expect(code).toBe(4);
  expect(err).toContain('2 files were not handed in.\n');
  const jobs = [...err.matchAll(/Stopped waiting; the job goes on: (\S+)/g)].map(([, job = '']) => job);
  expect(jobs.length).toBeGreaterThan(0);
  for (const job of jobs) expect((await fetch(`${job}/cancel`, { method: 'POST' })).status).toBe(200);
  await fetch(`${server.url}/v1/queues/thumbnails/resume`, { method: 'POST' });
});

test('a link is left to the server', async () => {
  const link = `http://127.0.0.1:${origin.port}/photo.png`;
  const { code, out } = await submit([link, '--service', 'thumbnails', '--width', '50', '--output', 'linked.png']);
  expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining(`${link}: thumbnails is done`) });
  expect(await sharp(inFolder('linked.png')).metadata()).toMatchObject({ width: 50 });
  const refused = await submit(['http://169.254.169.254/', '--service', 'thumbnails']);
  expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('not public') });
});
