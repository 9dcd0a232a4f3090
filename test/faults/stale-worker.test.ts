import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { rescueLostJobs } from '../../src/engine/rescuer.ts';
import { openTestEngine, type TestEngine, testService, testSettings } from '../support/engine.ts';
import { recordFigure } from '../support/figures.ts';
import { eventually } from '../support/program.ts';

/** More for a soak: COATCHECK_TEST_STALE_WORKERS=1000 npx vitest run test/faults/stale-worker.test.ts */
const rounds = Number(process.env.COATCHECK_TEST_STALE_WORKERS ?? 3);
const leaseMs = 800;
const sleep = testService('sleep', 'sleep');
const script = fileURLToPath(new URL('../support/stale-worker.mjs', import.meta.url));

let here: TestEngine;

beforeEach(async () => {
  here = await openTestEngine({ services: [sleep], settings: { leaseMs } });
});

afterEach(() => here.close());

function startWorker(name: string): { process: ChildProcess; log: () => string } {
  const service = JSON.stringify({ ...sleep, task: sleep.task.href });
  const child = spawn(process.execPath, [script, here.folder, name, JSON.stringify({ ...testSettings, leaseMs }), service], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let log = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  return { process: child, log: () => log };
}

test('a worker that is stopped past its lease and continued cannot overwrite what another has stored', {
  timeout: 30_000 + rounds * 10_000,
}, async () => {
  for (let round = 0; round < rounds; round += 1) {
    const other = startWorker(`other-${round}`);
    try {
      const job = await here.submit('sleep', { options: { ms: 300, round } });
      await eventually('the other worker has the job', () => other.log().includes('job.started'));
      other.process.kill('SIGSTOP');

      await eventually('its lease has run out', async () => (await rescueLostJobs(here.parts)) === 1);
      expect(await here.engine.job('ann', job.id)).toMatchObject({ state: 'queued', attempt: 0, handOuts: 1 });
      expect(await here.worker.runOnce()).toBe(1);
      await here.engine.waitForEnd('ann', job.id, 10_000, new AbortController().signal);
      const result = await here.engine.result('ann', job.id);

      other.process.kill('SIGCONT');
      await eventually('the other worker sees that it is too late', () => /lease\.lost|settle\.refused/.test(other.log()));
      expect(await here.engine.result('ann', job.id)).toBe(result);
      const events = await here.engine.events('ann', job.id);
      expect(events.map(({ type }) => type)).toEqual([
        'job.queued',
        'job.started',
        'job.released',
        'job.started',
        'job.succeeded',
      ]);
    } finally {
      other.process.kill('SIGKILL');
    }
  }
  recordFigure(4, `late writes accepted 0 of ${rounds} workers that were stopped past their lease and continued`);
});
