import { setMaxListeners } from 'node:events';
import { mkdir, readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Clock, systemClock } from '../../core/clock.ts';
import { compiledUrl } from '../../core/compiled-url.ts';
import { ServiceError } from '../../core/errors.ts';
import { type Executor, type ExecutorEnd, type ExecutorPool, executorEnds } from '../../ports/executor-pool.ts';
import type { Service } from '../../ports/service.ts';
import { detectSandbox } from './detect-sandbox.ts';
import { removeFolder } from './empty-folder.ts';
import { type ExecutorLog, ExecutorSlot, type SlotSurroundings } from './executor-slot.ts';
import { type SandboxKind, sandboxCommand } from './sandbox-command.ts';
import { sandboxView } from './sandbox-view.ts';
import type { WorkFolder } from './work-folder.ts';

export interface ExecutorPoolOptions {
  /** How many executors, so how many tasks at once. */
  readonly size: number;
  /** Where the work folders are made. It belongs to the pool: what a pool before it left there is removed. */
  readonly folder: string;
  readonly services: readonly Pick<Service, 'name' | 'task' | 'produces' | 'reads'>[];
  readonly clock?: Clock;
  /** `auto` takes the best that works here; another one is insisted on. */
  readonly sandbox?: SandboxKind | 'auto';
  readonly log: ExecutorLog;
}

/**
 * Opens a pool of warm child processes that run tasks. They start in the background; that one cannot be started is told by
 * `prepare`. Rejects with `service-unavailable` where the sandbox that was asked for does not work here.
 */
export async function createExecutorPool(options: ExecutorPoolOptions): Promise<ExecutorPool> {
  const { size, services, clock = systemClock, log } = options;
  await mkdir(options.folder, { recursive: true, mode: 0o700 });
  const folder = await realpath(options.folder);
  const [sandbox] = await Promise.all([chooseSandbox(options), removeStale(folder, log)]);
  const closing = new AbortController();
  // Each slot listens, and there may be many.
  setMaxListeners(0, closing.signal);
  const ends = Object.fromEntries(executorEnds.map((reason) => [reason, 0])) as Record<ExecutorEnd, number>;
  const around: SlotSurroundings = {
    folder,
    sandbox,
    command: commandFor(sandbox, services),
    tasks: new Map(services.map(({ name, task, produces }) => [name, { url: task, produces }])),
    clock,
    log,
    onEnd(reason) {
      ends[reason] += 1;
    },
    closing: closing.signal,
  };
  const slots = Array.from({ length: size }, (_, index) => new ExecutorSlot(index + 1, around));
  for (const slot of slots) slot.warmUp();
  return {
    size,
    idle: () => slots.filter(({ isBusy }) => !isBusy).length,
    acquire: (isShort = false) => acquire(slots, isShort),
    acquireBehind: () => acquireBehind(slots),
    snapshot: () => slots.map((slot) => slot.snapshot()),
    ends: () => ({ ...ends }),
    async close() {
      closing.abort();
      await Promise.all(slots.map((slot) => slot.end()));
    },
  };
}

/** One that runs already before one that must be started first. */
function acquire(slots: readonly ExecutorSlot[], isShort: boolean): Executor {
  const idle = slots.filter(({ isBusy }) => !isBusy);
  const slot = idle.find(({ isAlive }) => isAlive) ?? idle[0];
  if (slot === undefined) throw new Error('No executor is idle.');
  return slot.take(isShort);
}

/** Behind the task that began first: it will be the first to end, most likely. */
function acquireBehind(slots: readonly ExecutorSlot[]): Executor | null {
  const open = slots.flatMap((slot) => (slot.openSince === null ? [] : [{ slot, since: slot.openSince }]));
  const [first] = open.toSorted((a, b) => a.since - b.since);
  return first?.slot.take(true) ?? null;
}

async function chooseSandbox({ sandbox = 'auto', log }: ExecutorPoolOptions): Promise<SandboxKind> {
  const { kind, detail } = await detectSandbox(sandbox);
  if (sandbox !== 'auto' && kind !== sandbox) {
    throw new ServiceError(
      'service-unavailable',
      `The sandbox ${sandbox} was asked for and does not work here; "coatcheck doctor" tells why.`,
      {
        cause: new Error(detail),
      },
    );
  }
  log(kind === 'none' ? 'warn' : 'info', { sandbox: kind, detail }, 'executor.sandbox');
  return kind;
}

/** Threads that collect garbage beside a task take the cores of other executors, and wait for each other where all are taken. */
const nodeFlags = ['--single-threaded-gc'];

function commandFor(sandbox: SandboxKind, services: ExecutorPoolOptions['services']): SlotSurroundings['command'] {
  const program = compiledUrl('./main.ts', import.meta.url);
  const tasks = services.map(({ task }) => task);
  const folders = services.flatMap(({ reads = [] }) => reads);
  const view = sandbox === 'none' ? { readOnly: [], links: [] } : sandboxView(program, tasks, folders);
  return (executor: number, folder: WorkFolder) => {
    const args = [...nodeFlags, fileURLToPath(program), 'coatcheck-executor', String(executor), folder.path];
    return sandboxCommand(sandbox, view, folder, { file: process.execPath, args });
  };
}

async function removeStale(folder: string, log: ExecutorLog): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    await removeFolder(path).catch((err: unknown) => log('warn', { folder: path, err }, 'executor.folder-left'));
  }
}
