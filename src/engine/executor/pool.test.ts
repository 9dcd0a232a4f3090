import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { getPriority } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, temporaryFolder } from '../../../test/support/program.ts';
import { isRunning, openTestPool, sandboxesHere, type TestPool, withoutPeak } from '../../../test/support/test-pool.ts';
import { compiledUrl } from '../../core/compiled-url.ts';
import { limits } from '../../core/limits.ts';
import type { ExecutorOutcome } from '../../ports/executor-pool.ts';
import { createExecutorPool } from './pool.ts';
import { processTree } from './process-tree.ts';

const input = { name: 'a name of the client', mediaType: 'image/jpeg', bytes: 5, picture: null };

function pidOf(outcome: ExecutorOutcome): unknown {
  return outcome.kind === 'done' ? outcome.result.pid : outcome;
}

describe.each(await sandboxesHere())('executors (sandbox: %s)', (kind) => {
  let test: TestPool;
  beforeAll(async () => {
    test = await openTestPool(kind);
  });
  afterAll(() => test.close());

  it('one executor runs many tasks', async () => {
    const first = await test.act('pid');
    expect(first.kind).toBe('done');
    const pid = test.pool.snapshot()[0]?.pid;
    for (let count = 0; count < 20; count += 1) expect(pidOf(await test.act('pid'))).toBe(pidOf(first));
    expect(test.pool.snapshot()[0]).toMatchObject({ executor: 1, pid, job: null, restarts: 0, sandbox: kind });
    expect(test.pool.snapshot()[0]?.residentBytes).toBeGreaterThan(10_000_000);
  });

  it('every thread of an executor, and its group, yields to the server', async () => {
    expect((await test.act('pid')).kind).toBe('done');
    const pid = test.pool.snapshot()[0]?.pid ?? 0;
    const executor = processTree(pid).at(-1) ?? 0;
    const threads = process.platform === 'linux' ? await readdir(`/proc/${executor}/task`) : [executor];
    expect(new Set(threads.map((thread) => getPriority(Number(thread))))).toEqual(new Set([Math.min(19, getPriority() + 10)]));
    const group = `/proc/${pid}/autogroup`;
    if (existsSync(group))
      await eventually('its group has the same', async () => (await readFile(group, 'utf8')).endsWith('nice 10\n'));
  });

  it('a task reads its input under a name of ours and its output arrives', async () => {
    let put = '';
    const outcome = await test.act('copy', {
      limits: { input },
      before: async (inputPath) => {
        put = inputPath(input.mediaType);
        await writeFile(put, 'bytes');
      },
      after: async (result) => {
        if (result.kind !== 'done') throw new Error(JSON.stringify(result));
        const [output] = result.outputs;
        const path = output !== undefined && 'path' in output.content ? output.content.path : '';
        expect(await readFile(path, 'utf8')).toBe('bytes');
        expect(output).toMatchObject({ id: result.result.file, name: 'copy.txt', mediaType: 'text/plain' });
      },
    });
    expect(outcome).toMatchObject({ kind: 'done', result: { ...input, path: put } });
    expect(put).toMatch(/\/in\/input\.jpg$/);
    expect(await readFile(put, 'utf8')).toBe('b');
  });

  it('small outputs travel with the result, larger ones and all beyond a total in files', async () => {
    const outcome = await test.act('outputsOfSizes', {
      options: { sizes: [0, 3, 65_536, 65_537] },
      after: async (result) => {
        if (result.kind !== 'done') throw new Error(JSON.stringify(result));
        const [empty, small, largest, file] = result.outputs.map(({ content }) => content);
        expect(
          [empty, small, largest].map((content) => content !== undefined && 'bytes' in content && content.bytes.length),
        ).toEqual([0, 3, 65_536]);
        if (file === undefined || !('path' in file)) throw new Error('it should be in a file');
        expect((await readFile(file.path)).equals(Buffer.alloc(65_537, 7))).toBe(true);
      },
    });
    expect(outcome.kind).toBe('done');
    const many = await test.act('outputsOfSizes', { options: { sizes: Array.from({ length: 20 }, () => 60_000) } });
    const inline = many.kind === 'done' ? many.outputs.filter(({ content }) => 'bytes' in content).length : 0;
    expect(inline).toBe(17);
  });

  it('whatever a task leaves behind is gone before the next one', async () => {
    const pid = pidOf(await test.act('pid'));
    expect((await test.act('litter')).kind).toBe('done');
    const look = await test.act('look');
    expect(look).toMatchObject({ kind: 'done', result: { in: [], out: [], tmp: [] } });
    expect(pidOf(await test.act('pid'))).toBe(pid);
    expect(existsSync('/etc/passwd')).toBe(true);
  });

  it('a text in a picture is drawn with the fonts of the machine', async () => {
    const outcome = await test.act('', { service: 'svg-text' });
    expect(outcome.kind === 'done' ? outcome.result.inked : outcome).toBeGreaterThan(300);
  });

  it('the environment of a task is empty but for its folder for temporary files', async () => {
    const outcome = await test.act('environment');
    const names = outcome.kind === 'done' && Array.isArray(outcome.result.names) ? outcome.result.names : [];
    // The second one is made by libvips once a task has loaded it.
    expect(names.filter((name) => name !== 'VIPSHOME')).toEqual(['TMPDIR']);
  });

  it('progress comes at most every 100 ms, within its bounds, and the last of it always', async () => {
    const seen: { fraction: number | null; message: string | null }[] = [];
    const outcome = await test.act('reportOften', { options: { ms: 550 }, onProgress: (progress) => void seen.push(progress) });
    expect(outcome.kind).toBe('done');
    expect(seen.length).toBeGreaterThanOrEqual(2);
    expect(seen.length).toBeLessThanOrEqual(8);
    expect(seen.every(({ fraction }) => fraction !== null && fraction >= 0 && fraction <= 1)).toBe(true);
    expect(Math.max(...seen.map(({ message }) => message?.length ?? 0))).toBe(200);
    expect(seen.at(-1)).toEqual({ fraction: 0.75, message: 'the last' });
  });

  it('a task that ends sooner tells nothing of its progress', async () => {
    const seen: unknown[] = [];
    await test.act('reportOnce');
    const began = performance.now();
    expect(await test.act('reportOnce', { onProgress: (progress) => void seen.push(progress) })).toMatchObject({ kind: 'done' });
    // On a machine that stood still meanwhile it was a long task.
    if (performance.now() - began < limits.progressIntervalMs) expect(seen).toEqual([]);
  });

  it('a throw is a fault of ours and leaves the executor alive', async () => {
    const pid = pidOf(await test.act('pid'));
    const outcome = await test.act('throw');
    expect(outcome).toMatchObject({ kind: 'failed', code: 'internal-error' });
    expect(String(outcome.kind === 'failed' && outcome.cause)).toContain('a fault of the task');
    expect(pidOf(await test.act('pid'))).toBe(pid);
  });

  it('a task module that cannot be loaded fails its own tasks only', async () => {
    expect(await test.act('', { service: 'absent' })).toMatchObject({ kind: 'failed', code: 'internal-error' });
    expect(await test.act('nothing')).toMatchObject({ kind: 'done' });
  });

  it('an executor that is killed while idle is replaced', async () => {
    await test.act('pid');
    const { pid, restarts } = test.pool.snapshot()[0] ?? {};
    process.kill(-(pid ?? 0), 'SIGKILL');
    await eventually('another one runs', () => ![null, pid].includes(test.pool.snapshot()[0]?.pid));
    expect(await test.act('nothing')).toMatchObject({ kind: 'done' });
    expect(test.pool.snapshot()[0]?.restarts).toBe((restarts ?? 0) + 1);
  });

  it('closing ends tasks that run, all processes and all folders, and no more tasks are taken', async () => {
    const closing = await openTestPool(kind, 2);
    let isHanging = () => {};
    const hanging = new Promise<void>((resolve) => {
      isHanging = resolve;
    });
    const running = closing.act('hang', { onProgress: isHanging });
    await hanging;
    await eventually('both run', () => closing.pool.snapshot().every(({ pid }) => pid !== null));
    const pids = closing.pool.snapshot().flatMap(({ pid }) => (pid === null ? [] : processTree(pid)));
    expect(pids.length).toBeGreaterThanOrEqual(2);
    await closing.pool.close();
    expect(withoutPeak(await running)).toEqual({ kind: 'aborted' });
    expect(await readdir(closing.folder)).toEqual([]);
    if (process.platform === 'linux') await eventually('all are gone', () => !pids.some(isRunning));
    await expect(closing.act('nothing')).rejects.toMatchObject({ code: 'shutting-down' });
    await closing.close();
  });
});

describe('a pool', () => {
  it('hands out only as many executors as are idle', async () => {
    const test = await openTestPool('none', 2);
    test.pool.acquire();
    const second = test.pool.acquire();
    expect(test.pool.idle()).toBe(0);
    expect(() => test.pool.acquire()).toThrow('No executor is idle');
    await second.release();
    expect(test.pool.idle()).toBe(1);
    await test.close();
  });

  it('removes what a dead server left, without following links', async () => {
    const temporary = await temporaryFolder();
    const [precious, folder] = [join(temporary.path, 'precious'), join(temporary.path, 'executors')];
    await mkdir(join(folder, '1-dead', 'out'), { recursive: true });
    await mkdir(precious);
    await writeFile(join(precious, 'file'), 'x');
    await symlink(precious, join(folder, '1-dead', 'out', 'link'));
    await symlink(precious, join(folder, 'link'));
    const pool = await createExecutorPool({ size: 0, folder, services: [], sandbox: 'none', log: () => {} });
    expect(await readdir(folder)).toEqual([]);
    expect(await readdir(precious)).toEqual(['file']);
    await pool.close();
    await temporary.remove();
  });

  it('replaces an executor after ten thousand tasks', { timeout: 180_000 }, async () => {
    const test = await openTestPool('none');
    for (let count = 0; count < 10_001; count += 1) await test.act('', { service: 'noop' });
    expect(test.pool.snapshot()[0]).toMatchObject({ tasks: 10_001, restarts: 1 });
    expect(test.logged).toContainEqual(expect.objectContaining({ level: 'info', message: 'executor.ended' }));
    await test.close();
  });

  it('keeps nothing of the program alive once it is closed', async () => {
    const temporary = await temporaryFolder();
    const script = `
      const { createExecutorPool } = await import(${JSON.stringify(compiledUrl('./pool.ts', import.meta.url).href)});
      const pool = await createExecutorPool({ size: 12, folder: process.argv[1], services: [], sandbox: 'none', log() {} });
      await pool.acquire().prepare();
      await pool.close();
      process.on('exit', () => console.log('ended by itself'));
    `;
    const program = spawn(process.execPath, ['--input-type=module', '-e', script, temporary.path], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const said = Promise.all([text(program.stdout), text(program.stderr)]);
    const [code]: unknown[] = await once(program, 'close');
    expect([code, ...(await said)]).toEqual([0, 'ended by itself\n', '']);
    await temporary.remove();
  });

  it('says so when executors cannot be started, and does not spin', async () => {
    const test = await openTestPool('none');
    await test.act('nothing');
    const { pid } = test.pool.snapshot()[0] ?? {};
    // Without the folder for work folders no process can be given one.
    const aside = join(dirname(test.folder), `${test.folder.split('/').at(-1)}-aside`);
    await rename(test.folder, aside);
    process.kill(-(pid ?? 0), 'SIGKILL');
    await eventually('a start has failed', () => test.logged.some(({ message }) => message === 'executor.start-failed'));
    await expect(test.act('nothing')).rejects.toMatchObject({ code: 'service-unavailable' });
    expect(test.logged.filter(({ message }) => message === 'executor.start-failed').length).toBeLessThanOrEqual(3);
    await rename(aside, test.folder);
    expect(await test.act('nothing')).toMatchObject({ kind: 'done' });
    await test.close();
  });
});
