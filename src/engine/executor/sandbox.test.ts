import { link, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../../test/support/program.ts';
import { openTestPool, sandboxesHere, type TestPool } from '../../../test/support/test-pool.ts';
import { detectSandbox } from './detect-sandbox.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const confining = (await sandboxesHere()).filter((kind) => kind !== 'none');

describe.each(confining)('a task in the sandbox %s', (kind) => {
  let test: TestPool;
  beforeAll(async () => {
    test = await openTestPool(kind, 2);
  });
  afterAll(() => test.close());

  it('does not reach a port of this machine', async () => {
    let connections = 0;
    const server = createServer(() => {
      connections += 1;
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const address = server.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    expect(await test.act('connect', { options: { port } })).toMatchObject({ result: { reached: false } });
    expect(connections).toBe(0);
    server.close();
  });

  it('sees no secrets, no home, nothing of the project but what it runs, nothing of the data folder', async () => {
    const secret = await mkdtemp(join(tmpdir(), 'coatcheck-secret-'));
    await writeFile(join(secret, 'file'), 'x');
    await writeFile(join(test.folder, 'jobs.db'), 'x');
    const paths = [
      ...['/etc/shadow', '/etc/passwd', '/etc/hostname', '/root', '/home', '/var/log', '/run', '/sys', homedir()],
      ...['README.md', 'tsconfig.json', 'src', '.git', 'test/support/test-pool.ts', 'data', '.env'].map((name) =>
        join(root, name),
      ),
      ...[join(secret, 'file'), secret, join(test.folder, 'jobs.db'), `/proc/${process.pid}/environ`],
    ];
    expect(await test.act('read', { options: { paths } })).toMatchObject({ kind: 'done', result: { seen: [] } });
    await rm(join(test.folder, 'jobs.db'));
    await rm(secret, { recursive: true });
  });

  it('does not see the folder of another executor', async () => {
    await eventually('both run', () => test.pool.snapshot().every(({ pid }) => pid !== null));
    const outcome = await test.act('neighbours');
    expect(outcome.kind === 'done' ? outcome.result.folders : outcome).toHaveLength(1);
  });

  it('cannot change its input, which is another name of a stored file', async () => {
    const stored = join(test.folder, 'stored');
    await writeFile(stored, 'as it was', { mode: 0o600 });
    const outcome = await test.act('changeInput', {
      limits: { input: { name: null, mediaType: 'text/plain', bytes: 9, picture: null } },
      before: (inputPath) => link(stored, inputPath('text/plain')),
    });
    expect(outcome).toMatchObject({ kind: 'done', result: { read: 'as it was', changed: [] } });
    expect(await readFile(stored, 'utf8')).toBe('as it was');
    expect((await stat(stored)).mode & 0o777).toBe(0o600);
    await rm(stored);
  });

  it('writes nowhere but to its outputs and its temporary files', async () => {
    let own = '';
    const before = async (inputPath: (mediaType: string) => string) => {
      own = join(inputPath('text/plain'), '..', '..');
    };
    await test.act('nothing', { before });
    const allowed = [join(own, 'out'), join(own, 'tmp')];
    const folders = [
      ...allowed,
      own,
      join(own, 'in'),
      '/',
      '/tmp',
      '/dev',
      '/dev/shm',
      '/usr/lib',
      '/etc',
      join(root, 'dist'),
      join(root, 'node_modules'),
    ];
    expect(await test.act('write', { options: { folders } })).toMatchObject({ result: { written: allowed } });
  });

  it('sees only its own processes and no environment of the server', async () => {
    const outcome = await test.act('processes');
    if (outcome.kind !== 'done') throw new Error(JSON.stringify(outcome));
    expect(outcome.result.ids).toHaveProperty('length');
    expect(Number(Array.isArray(outcome.result.ids) && outcome.result.ids.length)).toBeLessThanOrEqual(3);
    expect(outcome.result.environments).not.toContain('PATH=');
  });

  it('has no capabilities and changes no settings of the kernel', async () => {
    const pattern = await readFile('/proc/sys/kernel/core_pattern', 'utf8');
    expect(await test.act('kernelSettings')).toMatchObject({ result: { written: false, mode: '0000000000000000' } });
    expect(await readFile('/proc/sys/kernel/core_pattern', 'utf8')).toBe(pattern);
  });

  it('takes processes that it left behind with it', async () => {
    const cancel = new AbortController();
    const before = await daemons();
    const outcome = await test.act('leaveDaemon', { limits: { timeMs: 700 }, signal: cancel.signal });
    expect(outcome).toMatchObject({ code: 'time-limit-exceeded' });
    await eventually('its daemon is gone', async () => (await daemons()).length <= before.length, 2_000);
  });
});

describe('detectSandbox', () => {
  it('finds the best that works here, and says that there is none when it is not to be used', async () => {
    expect((await detectSandbox()).kind).toBe(confining[0] ?? 'none');
    expect(await detectSandbox('none')).toMatchObject({ kind: 'none', network: false, filesystem: false });
  });
});

/** Processes of this machine that run what `leaveDaemon` starts. */
async function daemons(): Promise<string[]> {
  const found: string[] = [];
  for (const id of await readdir('/proc')) {
    if (!/^\d+$/.test(id)) continue;
    const line = await readFile(`/proc/${id}/cmdline`, 'latin1').catch(() => '');
    if (line.includes('setInterval(() => {}, 1000)')) found.push(id);
  }
  return found;
}
