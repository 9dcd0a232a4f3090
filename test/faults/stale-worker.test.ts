import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Database } from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openKept } from '../../src/adapters/sqlite/kept-database.ts';
import { rescueLostJobs } from '../../src/engine/rescuer.ts';
import { openTestEngine, type TestEngine, testService, testSettings } from '../support/engine.ts';
import { recordFigure } from '../support/figures.ts';
import { eventually } from '../support/program.ts';

/** More for a soak: COATCHECK_TEST_STALE_WORKERS=1000 npx vitest run test/faults/stale-worker.test.ts */
const times = Number(process.env.COATCHECK_TEST_STALE_WORKERS ?? 3);
const workersMax = 10;
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

/** The jobs that the lines of a log with one of these messages tell of. */
function jobsIn(logs: readonly string[], ...messages: string[]): Set<string> {
  const lines = logs
    .join('')
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'));
  const told = lines.map((line) => JSON.parse(line) as { msg: string; job?: string });
  return new Set(told.flatMap(({ msg, job }) => (job !== undefined && messages.includes(msg) ? [job] : [])));
}

/**
 * Who is stopped within a commit holds the lock of the file, which stops everybody who uses it: that is what SQLite is, and why
 * workers of several processes have another store.
 */
async function stopBetweenCommits(signal: (name: 'SIGSTOP' | 'SIGCONT') => void): Promise<void> {
  const database = openKept(join(here.folder, 'jobs.db'), { timeout: 0 });
  try {
    await eventually('nobody was stopped in a commit', async () => {
      signal('SIGSTOP');
      await pause(20);
      if (isFree(database)) return true;
      signal('SIGCONT');
      return false;
    });
  } finally {
    database.close();
  }
}

function isFree(database: Database): boolean {
  try {
    database.exec('BEGIN IMMEDIATE');
    database.exec('ROLLBACK');
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'SQLITE_BUSY') return false;
    throw error;
  }
}

test('a worker that is stopped past its lease and continued cannot overwrite what another has stored', {
  timeout: 60_000 + times * 10_000,
}, async () => {
  const others = Array.from({ length: Math.min(times, workersMax) }, (_, number) => startWorker(`other-${number}`));
  const signal = (name: 'SIGSTOP' | 'SIGCONT') => {
    for (const { process } of others) process.kill(name);
  };
  const told = (...messages: string[]) =>
    jobsIn(
      others.map(({ log }) => log()),
      ...messages,
    );
  let stopped = 0;
  try {
    while (stopped < times) {
      const jobs: string[] = [];
      for (const _ of others) jobs.push((await here.submit('sleep', { options: { ms: 300, number: stopped + jobs.length } })).id);
      const all = (found: ReadonlySet<string>) => jobs.every((job) => found.has(job));
      await eventually('the other workers have the jobs', () => all(told('job.started')), 60_000);
      await stopBetweenCommits(signal);
      // What had ended by then is left as it is: its worker was not stopped in it.
      const seen = await Promise.all(jobs.map((job) => here.engine.job('ann', job)));
      const caught = seen.filter(({ state }) => state === 'running').map(({ id }) => id);

      let rescued = 0;
      await eventually('their leases have run out', async () => {
        rescued += await rescueLostJobs(here.parts);
        return rescued === caught.length;
      });
      for (const job of caught)
        expect(await here.engine.job('ann', job)).toMatchObject({ state: 'queued', attempt: 0, handOuts: 1 });
      const results = new Map<string, unknown>();
      await Promise.all(
        caught.map(async (job) => {
          await eventually(
            'another has done the job',
            async () => {
              await here.worker.runOnce();
              return (await here.engine.job('ann', job)).state === 'succeeded';
            },
            60_000,
          );
          results.set(job, await here.engine.result('ann', job));
        }),
      );

      signal('SIGCONT');
      await eventually(
        'the other workers see that they are too late',
        () => caught.every((job) => told('lease.lost', 'settle.refused').has(job)),
        60_000,
      );
      for (const job of caught) {
        expect(await here.engine.result('ann', job)).toBe(results.get(job));
        const events = await here.engine.events('ann', job);
        const history = ['job.queued', 'job.started', 'job.released', 'job.started', 'job.succeeded'];
        expect(events.map(({ type }) => type)).toEqual(history);
      }
      stopped += caught.length;
    }
  } finally {
    for (const { process } of others) process.kill('SIGKILL');
  }
  recordFigure(4, `late writes accepted 0 of ${stopped} times that a worker was stopped past its lease and continued`);
});
