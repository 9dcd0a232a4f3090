import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { residentBytes } from './process-tree.ts';

it('the resident size of a process includes its children, and is null once it has ended', async () => {
  const fill = 'const kept = Buffer.alloc(100_000_000, 1); console.log(kept.length); setInterval(() => kept, 1000)';
  const wrap = `const child = require('node:child_process').spawn(process.execPath, ['-e', process.argv[1]], { stdio: ['ignore', 'inherit', 'inherit'] }); process.on('SIGTERM', () => { child.kill('SIGKILL'); process.exit(); });`;
  const parent = spawn(process.execPath, ['-e', wrap, fill], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(parent.stdout, 'data');
  const bytes = await residentBytes(parent.pid ?? 0);
  expect(bytes).toBeGreaterThan(150_000_000);
  expect(bytes).toBeLessThan(400_000_000);
  parent.kill('SIGTERM');
  await once(parent, 'close');
  expect(await residentBytes(parent.pid ?? 0)).toBeNull();
  expect(Math.abs(((await residentBytes(process.pid)) ?? 0) / process.memoryUsage.rss() - 1)).toBeLessThan(0.5);
});
