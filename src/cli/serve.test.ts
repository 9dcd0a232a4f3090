import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { eventually, startProgram, temporaryFolder } from '../../test/support/program.ts';

const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
// A machine under load is no failure.
vi.setConfig({ testTimeout: 120_000 });

let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder.remove());

/** Runs `coatcheck serve` until it ends; `signal` is sent once it says that it is ready. */
async function serve(args: readonly string[], signal?: NodeJS.Signals, main = program) {
  const child = spawn(process.execPath, [main, 'serve', '--workers', '0', ...args], { env: { PATH: process.env.PATH ?? '' } });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    if (signal !== undefined) child.kill(signal);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  await once(child, 'close');
  return { code: child.exitCode, out, lines: err.split('\n').filter((line) => line !== '' && !line.startsWith('{')) };
}

test.each<NodeJS.Signals>(['SIGTERM', 'SIGINT'])(
  'it says in one line that it is ready, logs JSON, and ends with 0 at %s',
  async (signal) => {
    const { code, out, lines } = await serve(['--port', '0', '--data', join(folder.path, signal)], signal);
    expect(out).toMatch(/^Coatcheck is ready at http:\/\/127\.0\.0\.1:\d+\n$/);
    expect({ code, lines }).toEqual({ code: 0, lines: [] });
  },
);

test('a second signal ends it at once with 1, whatever is still under way', async () => {
  const server = await startProgram(join(folder.path, 'second'), ['--workers', '0']);
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(
    'POST /v1/files HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: image/png\r\nContent-Length: 1000\r\nExpect: 100-continue\r\n\r\n',
  );
  // The server has the request once it asks for the body, which never comes.
  await once(socket, 'data');
  process.kill(server.pid, 'SIGTERM');
  await eventually('the server begins to stop', () => server.log().includes('server.stopping'));
  expect(await server.end('SIGTERM')).toBe(1);
  socket.destroy();
});

test('a port in use is told in one sentence', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const { code, out, lines } = await serve(['--port', String(port), '--data', join(folder.path, 'port')]);
  other.close();
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(lines).toEqual([
    `Port ${port} of 127.0.0.1 is in use: stop the program that has it, or choose another with --port (0 takes any free one).`,
  ]);
});

test('a data folder in use is told in one sentence', async () => {
  const data = join(folder.path, 'shared');
  const first = await startProgram(data, ['--workers', '0']);
  const { code, lines } = await serve(['--port', '0', '--data', data]);
  expect(await first.end('SIGTERM')).toBe(0);
  expect(code).toBe(1);
  expect(lines).toEqual([
    expect.stringMatching(/^Coatcheck cannot start: Another Coatcheck is using the data folder .*shared\./),
  ]);
});

test('a data folder that cannot be made is told in one sentence', async () => {
  const file = join(folder.path, 'file');
  await writeFile(file, '');
  const { code, lines } = await serve(['--port', '0', '--data', join(file, 'data')]);
  expect(code).toBe(1);
  expect(lines).toEqual([expect.stringContaining(`The data folder ${join(file, 'data')} cannot be written (ENOTDIR`)]);
  expect(await serve(['--port', '0', '--data', file])).toMatchObject({
    code: 1,
    lines: [`${file} is a file: choose a folder with --data, or move the file away.`],
  });
});

test.each([
  ['--data', '/proc/coatcheck/data', 'The data folder /proc/coatcheck/data'],
  ['--database', 'sqlite:/proc/coatcheck/jobs.db', 'The database /proc/coatcheck/jobs.db'],
  ['--blobs', 'file:/proc/coatcheck/blobs', 'The folder of files /proc/coatcheck/blobs'],
])(
  'a place under which no folder can be made is refused in one sentence, not tried for ever: %s %s',
  async (flag, place, told) => {
    const { code, lines } = await serve(['--port', '0', '--data', join(folder.path, 'proc'), flag, place]);
    expect(code).toBe(1);
    expect(lines).toEqual([expect.stringMatching(`^${told} cannot be written \\(ENOENT.*: choose another with ${flag}`)]);
  },
);

test.each([
  ['a file that is none', 'diary', 'file is not a database'],
  ['a folder', 'folder', 'unable to open database file'],
])('a database that cannot be opened is told in one sentence: %s', async (_what, name, reason) => {
  await writeFile(join(folder.path, 'diary'), 'Dear diary, this is no database, and shall stay as it is.\n'.repeat(20));
  await mkdir(join(folder.path, 'folder'), { recursive: true });
  const path = join(folder.path, name);
  const { code, lines } = await serve(['--port', '0', '--data', join(folder.path, 'odd'), '--database', `sqlite:${path}`]);
  expect(code).toBe(1);
  expect(lines.at(-1)).toContain(`The database ${path} cannot be opened (${reason}): choose another with --database`);
});

test('a file of the program that is missing is told as that, and not as a fault of the data folder', async () => {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const copy = join(folder.path, 'program');
  await cp(join(root, 'dist'), join(copy, 'dist'), { recursive: true });
  await cp(join(root, 'package.json'), join(copy, 'package.json'));
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
  await rm(join(copy, 'dist/services/classifications/models'), { recursive: true });
  const { code, lines } = await serve(
    ['--port', '0', '--data', join(folder.path, 'whole')],
    undefined,
    join(copy, 'dist/cli/main.js'),
  );
  expect(code).toBe(1);
  expect(lines).toEqual([
    expect.stringMatching(/^A file of the program is missing or cannot be read \(ENOENT.*models.*\): install Coatcheck again\.$/),
  ]);
});
