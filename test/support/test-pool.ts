import { readFileSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { type Clock, systemClock } from '../../src/core/clock.ts';
import type { Progress } from '../../src/core/job.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { detectSandbox } from '../../src/engine/executor/detect-sandbox.ts';
import { createExecutorPool } from '../../src/engine/executor/pool.ts';
import type { Assignment, Executor, ExecutorOutcome, ExecutorPool } from '../../src/ports/executor-pool.ts';
import { temporaryFolder } from './program.ts';

export type SandboxKind = 'bwrap' | 'unshare' | 'none';

/**
 * The sandboxes that work here, `none` among them. Elsewhere than on Linux there is no other; on Linux a missing one is told
 * aloud, and fails a run in CI.
 */
export async function sandboxesHere(): Promise<SandboxKind[]> {
  const kinds: SandboxKind[] = ['none'];
  if (process.platform !== 'linux') return kinds;
  for (const kind of ['bwrap', 'unshare'] as const) {
    const { kind: found, detail } = await detectSandbox(kind);
    if (found === kind) kinds.push(kind);
    else if (process.env.CI) throw new Error(`The sandbox ${kind} does not work here. ${detail}`);
    else console.warn(`NOT TESTED: the sandbox ${kind} does not work here. ${detail}`);
  }
  return kinds;
}

export interface RunOptions {
  /** Where it runs, if not on one that is idle. */
  readonly executor?: Executor;
  readonly service?: string;
  readonly options?: JsonObject;
  readonly limits?: Partial<Pick<Assignment, 'timeMs' | 'silenceMs' | 'memoryBytes' | 'input'>>;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
  readonly onBegin?: () => void;
  /** Called between `prepare` and `run` with the way to the input. */
  readonly before?: (inputPath: (mediaType: string) => string) => Promise<void>;
  /** Called before the executor is released. */
  readonly after?: (outcome: ExecutorOutcome) => Promise<void>;
}

export interface TestPool {
  readonly pool: ExecutorPool;
  readonly folder: string;
  readonly logged: { readonly level: string; readonly fields: Readonly<Record<string, unknown>>; readonly message: string }[];
  /** One task of `misbehaving.mjs` from `acquire` to `release`. */
  act(act: string, more?: RunOptions): Promise<ExecutorOutcome>;
  close(): Promise<void>;
}

const traceparent = `00-${'4'.repeat(32)}-${'5'.repeat(16)}-01`;
const tasks = ['misbehaving', 'noop', 'sleep', 'svg-text', 'absent'];

export async function openTestPool(sandbox: SandboxKind, size = 1, clock: Clock = systemClock): Promise<TestPool> {
  const temporary = await temporaryFolder();
  const logged: TestPool['logged'] = [];
  const folder = await realpath(temporary.path);
  const pool = await createExecutorPool({
    size,
    folder,
    services: tasks.map((name) => ({ name, task: taskUrl(name), produces: ['text/plain'] })),
    sandbox,
    clock,
    log: (level, fields, message) => void logged.push({ level, fields, message }),
  });
  return {
    pool,
    folder,
    logged,
    act: (act, more = {}) => runOnce(more.executor ?? pool.acquire(), { ...more, options: { act, ...more.options } }),
    async close() {
      await pool.close();
      await temporary.remove();
    },
  };
}

/** What came of a task, but for its memory, which is seen only of those that take a while. */
export function withoutPeak({ peakBytes: _, ...outcome }: ExecutorOutcome): object {
  return outcome;
}

/** Whether a process runs (Linux). A zombie has ended and only waits to be reaped. */
export function isRunning(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}

export function taskUrl(name: string): URL {
  return new URL(`./tasks/${name}.mjs`, import.meta.url);
}

async function runOnce(executor: Executor, more: RunOptions): Promise<ExecutorOutcome> {
  const {
    service = 'misbehaving',
    options = {},
    limits = {},
    signal = new AbortController().signal,
    onProgress = () => {},
    onBegin = () => {},
  } = more;
  try {
    const { inputPath } = await executor.prepare();
    await more.before?.(inputPath);
    const assignment = {
      job: 'job',
      service,
      traceparent,
      options,
      input: null,
      timeMs: 20_000,
      silenceMs: 20_000,
      memoryBytes: 1024 ** 3,
      ...limits,
    };
    const outcome = await executor.run(assignment, { signal, onProgress, onBegin });
    await more.after?.(outcome);
    return outcome;
  } finally {
    await executor.release();
  }
}
