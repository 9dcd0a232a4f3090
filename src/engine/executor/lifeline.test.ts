import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { eventually, temporaryFolder } from '../../../test/support/program.ts';
import { isRunning, sandboxesHere, taskUrl } from '../../../test/support/test-pool.ts';
import { processTree } from './process-tree.ts';

const parentScript = fileURLToPath(new URL('../../../test/support/pool-parent.mjs', import.meta.url));

describe.runIf(process.platform === 'linux').each(await sandboxesHere())('the lifeline (sandbox: %s)', (kind) => {
  it.each(['loop', 'hang', 'none'])(
    'executors whose parent is killed are gone within two seconds (their task: %s)',
    async (act) => {
      const temporary = await temporaryFolder();
      const parent = spawn(process.execPath, [parentScript, kind, temporary.path, taskUrl('misbehaving').href, act], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const [line]: unknown[] = await once(createInterface(parent.stdout), 'line');
      const pids: number[] = JSON.parse(String(line));
      const all = pids.flatMap(processTree);
      expect(pids).toHaveLength(2);
      expect(all.length).toBeGreaterThanOrEqual(kind === 'none' ? 2 : 4);
      expect(all.every(isRunning)).toBe(true);
      parent.kill('SIGKILL');
      await eventually('all of them are gone', () => !all.some(isRunning), 2_000);
      await temporary.remove();
    },
  );
});
