import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { compiledUrl } from '../../core/compiled-url.ts';
import { FolderLocked, lockFolder } from './folder-lock.ts';

let folder: string;
let child: ChildProcess | null = null;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coatcheck-lock-'));
});
afterEach(async () => {
  child?.kill('SIGKILL');
  child = null;
  await rm(folder, { recursive: true, force: true });
});

/** Starts a process that locks the folder, and resolves once it has. */
async function startHolder(): Promise<ChildProcess> {
  const lockModule = compiledUrl('./folder-lock.ts', import.meta.url).href;
  const script = `
    import { lockFolder } from ${JSON.stringify(lockModule)};
    lockFolder(${JSON.stringify(folder)});
    console.log('locked');
    setInterval(() => {}, 1000);
  `;
  child = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  if (child.stdout === null) throw new Error('no stdout');
  const [text] = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  expect(String(text)).toBe('locked\n');
  return child;
}

test('a second process is refused with a sentence that names the folder', async () => {
  await startHolder();
  expect(() => lockFolder(folder)).toThrow(FolderLocked);
  expect(() => lockFolder(folder)).toThrow(`Another Coatcheck is using the data folder ${folder}.`);
});

test('the lock of a process that was killed is free at once', async () => {
  const holder = await startHolder();
  const exit = once(holder, 'exit');
  holder.kill('SIGKILL');
  await exit;
  const lock = lockFolder(folder);
  expect(() => lockFolder(folder)).toThrow(FolderLocked);
  lock.release();
});

test('a released folder can be locked again', () => {
  lockFolder(folder).release();
  lockFolder(folder).release();
});

test('a folder that is not there is no lock but another error', () => {
  expect(() => lockFolder(join(folder, 'absent'))).toThrow(/directory does not exist/);
});
