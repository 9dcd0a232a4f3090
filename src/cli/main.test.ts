import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { temporaryFolder } from '../../test/support/program.ts';
import { settingDefinitions } from '../app/settings.ts';

const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder.remove());

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the program as a user would, outside a terminal. */
async function coatcheck(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  const child = spawn(process.execPath, [program, ...args], { env: { PATH: process.env.PATH ?? '', ...env }, cwd: folder.path });
  const text = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text.out += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    text.err += chunk;
  });
  child.stdin.end();
  await once(child, 'close');
  return { code: child.exitCode, ...text };
}

/** A port that nothing listens on: one that was just free. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return address !== null && typeof address === 'object' ? address.port : 0;
}

test('the help lists the commands and the exit codes', async () => {
  const { code, out } = await coatcheck(['--help']);
  expect(code).toBe(0);
  for (const text of ['serve', 'submit', 'doctor', 'Exit codes:', '3  the server cannot be reached']) expect(out).toContain(text);
});

test('it ends without a word where nobody reads what it says', async () => {
  const child = spawn(process.execPath, [program, 'model', 'list'], { env: { PATH: process.env.PATH ?? '' }, cwd: folder.path });
  child.stdout.destroy();
  let err = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    err += chunk;
  });
  await once(child, 'close');
  expect({ code: child.exitCode, err }).toEqual({ code: 4, err: '' });
});

test('the help of serve lists every setting with its variable and its default', async () => {
  const { out } = await coatcheck(['serve', '--help']);
  const words = out.replace(/\s+/g, ' ');
  for (const { name, env, placeholder, fallback } of settingDefinitions) {
    expect(words).toContain(`--${name} `);
    expect(words).toContain(fallback === null || placeholder === null ? `(${env})` : `(${env}; default ${fallback})`);
  }
});

test.each<[string[], string]>([
  [['serve', '--prot', '1'], "unknown option '--prot'\n(Did you mean --port?)\n"],
  [['serve', '--port', 'x'], '--port must be a whole number from 0 to 65535, not "x".\n'],
  [['serve', '--port'], "option '--port <number>' argument missing\n"],
  [['serve', '--host', '0.0.0.0'], 'The address 0.0.0.0 can be reached from other machines and there is no authentication'],
  [['doctor', '--sandbox', 'x'], '--sandbox must be one of auto, bwrap, unshare, none, not "x".\n'],
  [['submit', 'a.png'], "required option '--service <name>' not specified\n"],
  [['submit', 'a.png', '--service', 'x', '--timeout', 'soon'], '--timeout must be a duration such as 90s or 10m, not "soon".\n'],
  [['submit', 'a.png', '--service', 'x', '--label', 'y'], '--label must be written as key=value, not "y".\n'],
  [
    ['submit', 'a.png', '--service', 'x', '--server', 'nowhere'],
    'The server "nowhere" is no address such as http://127.0.0.1:8080.\n',
  ],
  [['worker'], '--database must name a database that processes can share.\n'],
  [['polish'], "unknown command 'polish'\n"],
  [['serv', '--help'], "unknown command 'serv'\n(Did you mean serve?)\n"],
  [['help', 'serv'], "unknown command 'serv'\n(Did you mean serve?)\n"],
])('%j is wrong usage', async (args, sentence) => {
  const { code, out, err } = await coatcheck(args);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain(sentence);
});

test('a variable that is no setting is refused', async () => {
  const { code, err } = await coatcheck(['serve'], { COATCHECK_PROT: '1' });
  expect({ code, err }).toEqual({ code: 2, err: 'There is no setting COATCHECK_PROT. Did you mean COATCHECK_PORT?\n' });
});

test('with --json an error is a document on stdout', async () => {
  const { code, out, err } = await coatcheck(['submit', '--json', '--wiat']);
  expect({ code, err }).toEqual({ code: 2, err: '' });
  expect(JSON.parse(out)).toEqual({
    error: { title: 'Wrong usage', detail: "required option '--service <name>' not specified" },
  });
});

test('a server that is not there is told with a way out', async () => {
  const { code, err } = await coatcheck(['submit', program, '--service', 'thumbnails'], {
    COATCHECK_SERVER: `http://127.0.0.1:${await freePort()}`,
  });
  expect(code).toBe(3);
  expect(err).toContain('ECONNREFUSED');
  expect(err).toContain('"coatcheck serve" starts one');
});

test('doctor looks at everything and leaves nothing behind', async () => {
  const data = join(folder.path, 'not/yet');
  const { code, out } = await coatcheck(['doctor', '--json', '--port', '0', '--data', data]);
  const report = JSON.parse(out);
  const found = Object.fromEntries(report.checks.map((check: { name: string }) => [check.name, check]));
  expect(Object.keys(found)).toEqual(
    expect.arrayContaining([
      'node',
      'better-sqlite3',
      'sharp',
      'sandbox',
      'cores',
      'memory',
      'open files',
      'limits',
      'data folder',
      'disk',
      'lock',
      'address',
    ]),
  );
  expect(found['better-sqlite3']).toMatchObject({ status: 'ok', found: expect.stringMatching(/^SQLite 3\./) });
  expect(found.sharp).toMatchObject({ status: 'ok', found: expect.stringMatching(/^sharp \d.*libvips \d/) });
  expect(found['data folder']).toMatchObject({ status: 'ok', found: `${data} will be made` });
  expect(code).toBe(report.problems === 0 ? 0 : 1);
  expect(await readdir(folder.path)).not.toContain('not');
});

test('doctor tells what is in the way, and what to do', async () => {
  const other = createServer((socket) => socket.end('not http\n')).listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const file = join(folder.path, 'a-file');
  await writeFile(file, '');
  const { code, out } = await coatcheck(['doctor', '--port', String(port), '--data', file, '--workers', '0']);
  other.close();
  expect(code).toBe(1);
  expect(out).toContain(`problem address`);
  expect(out).toContain('is in use by another program');
  expect(out).toContain(`${file} is a file, not a folder`);
  expect(out).toMatch(/-> Stop it, or choose another port with --port/);
  expect(out).not.toContain('\u001b');
});

test('doctor says that a data folder is in use, without disturbing who uses it', async () => {
  const data = join(folder.path, 'locked');
  await mkdir(data);
  const { lockFolder } = await import('../adapters/sqlite/folder-lock.ts');
  const lock = lockFolder(data);
  const { out } = await coatcheck(['doctor', '--port', '0', '--data', data, '--json']);
  lock.release();
  expect(JSON.parse(out).checks).toContainEqual(expect.objectContaining({ name: 'lock', status: 'note' }));
});

test('doctor looks at all there is where places cannot be used, and tells of each once', async () => {
  const data = join(folder.path, 'odd');
  await mkdir(data);
  await symlink('models', join(data, 'models'));
  const file = join(folder.path, 'odd-file');
  await writeFile(file, '');
  const places = ['--database', `sqlite:${join(file, 'jobs.db')}`, '--blobs', `file:${join(data, 'files')}`];
  const { code, out } = await coatcheck(['doctor', '--json', '--port', '0', '--data', data, ...places]);
  expect(code).toBe(1);
  const problems = JSON.parse(out).checks.filter(({ status }: { status: string }) => status === 'problem');
  expect(problems).toEqual([
    expect.objectContaining({ name: 'models', found: expect.stringContaining('models cannot be read (') }),
    expect.objectContaining({
      name: 'database',
      found: `${file} is a file, not a folder`,
      advice: expect.stringContaining('--database'),
    }),
  ]);
  expect(await readdir(data)).toEqual(['models']);
});

test('the version is that of the package', async () => {
  const manifest = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));
  expect(await coatcheck(['--version'])).toEqual({ code: 0, out: `${manifest.version}\n`, err: '' });
});
