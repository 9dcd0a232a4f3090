import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import { expect, it } from 'vitest';
import { TreeMemory } from './tree-memory.ts';

const keep = 'const kept = Buffer.alloc(100_000_000, 1); console.log(kept.length); setInterval(() => kept, 1000)';
/** Starts a program that keeps memory with each line that it hears, and ends with the last one. */
const parentOfKeepers = `
  const { spawn } = require('node:child_process');
  const children = [];
  process.stdin.on('data', () => {
    children.push(spawn(process.execPath, ['-e', process.argv[1]], { stdio: ['ignore', 'inherit', 'inherit'] }));
  });
  process.on('SIGUSR2', () => children.shift().kill('SIGKILL'));
  process.stdin.on('end', () => {
    for (const child of children) child.kill('SIGKILL');
    process.exit();
  });
  console.log('ready');
`;

function startParent() {
  const parent = spawn(process.execPath, ['-e', parentOfKeepers, keep], { stdio: ['pipe', 'pipe', 'inherit'] });
  const heard = () => once(parent.stdout, 'data');
  const another = async () => {
    parent.stdin.write('\n');
    await heard();
  };
  return { parent, heard, another };
}

it('the memory of a process includes that of children which it starts later, and is null once all have ended', async () => {
  const { parent, heard, another } = startParent();
  await heard();
  const memory = new TreeMemory(parent.pid ?? 0);
  const alone = (await memory.bytes()) ?? 0;
  expect(alone).toBeGreaterThan(20_000_000);
  for (const children of [1, 2]) {
    await another();
    const bytes = ((await memory.bytes()) ?? 0) - alone;
    expect(bytes).toBeGreaterThan(children * 120_000_000);
    expect(bytes).toBeLessThan(children * 300_000_000);
  }
  parent.stdin.end();
  await once(parent, 'close');
  expect(await memory.bytes()).toBeNull();
  memory.end();
});

it('it is about what the process says itself', async () => {
  const memory = new TreeMemory(process.pid);
  expect(Math.abs(((await memory.bytes()) ?? 0) / process.memoryUsage.rss() - 1)).toBeLessThan(0.5);
  memory.end();
  expect(await memory.bytes()).toBeNull();
});

it.runIf(process.platform === 'linux')('no file is held open of what has ended, and none at all in the end', async () => {
  const { parent, heard, another } = startParent();
  await heard();
  const memory = new TreeMemory(parent.pid ?? 0);
  await another();
  await memory.bytes();
  expect(heldOpen()).toBe(2);
  parent.kill('SIGUSR2');
  await another();
  await memory.bytes();
  expect(heldOpen()).toBe(2);
  memory.end();
  expect(heldOpen()).toBe(0);
  parent.stdin.end();
  await once(parent, 'close');
});

/** Of `statm`, by this process. */
function heldOpen(): number {
  return readdirSync('/proc/self/fd').filter((fd) => linkOf(fd)?.endsWith('/statm')).length;
}

/** Null for the one that the folder itself was read by. */
function linkOf(fd: string): string | null {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return null;
  }
}
