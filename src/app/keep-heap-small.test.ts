import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { compiledUrl } from '../core/compiled-url.ts';

/** Turns of the event loop that leave 40 MB of garbage between them, and how often young objects were collected meanwhile. */
const program = (before: string) => `
  import { PerformanceObserver } from 'node:perf_hooks';
  ${before}
  let collections = 0;
  new PerformanceObserver((list) => { collections += list.getEntries().length; }).observe({ entryTypes: ['gc'] });
  const kept = [];
  for (let turn = 0; turn < 400; turn += 1) {
    kept[turn % 100] = Array.from({ length: 2_000 }, (_, at) => ({ at }));
    await new Promise(setImmediate);
  }
  console.log(collections);
`;

async function run(before: string): Promise<{ collections: number; complaints: string }> {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program(before)]);
  return { collections: Number(stdout), complaints: stderr };
}

test('young objects are looked through much more often, by flags that this Node knows', async () => {
  const usual = await run('');
  const module = JSON.stringify(compiledUrl('./keep-heap-small.ts', import.meta.url).href);
  const small = await run(`import { keepHeapSmall } from ${module}; keepHeapSmall();`);
  expect(small.complaints).toBe('');
  expect(small.collections).toBeGreaterThan(1.5 * usual.collections);
});
