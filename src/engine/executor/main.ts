/**
 * The program of an executor: a warm child process that runs one task at a time for its pool, which it hears through file
 * descriptor 3, and keeps one more that waits. Started as `node main.js coatcheck-executor <number> <work folder>`.
 */
import { readdirSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { compiledUrl } from '../../core/compiled-url.ts';
import { limits } from '../../core/limits.ts';
import { LineReader } from './line-reader.ts';
import { lowerOwnPriority } from './low-priority.ts';
import type { FromExecutor, ToExecutor } from './messages.ts';
import { ProgressThrottle } from './progress-throttle.ts';
import { describeError, runTask } from './run-task.ts';

const channelFd = 3;
/** Longest message of the pool: options that came with a request of the largest size, and what surrounds them. */
const requestBytesMax = limits.jsonBytesMax * 2;

type RunRequest = Extract<ToExecutor, { type: 'run' }>;

const [, , , number = '', folder = ''] = process.argv;
let current: { readonly run: number; readonly abort: AbortController } | null = null;
let waiting: RunRequest | null = null;

for (const name of Object.keys(process.env)) delete process.env[name];
process.env.TMPDIR = join(folder, 'tmp');
process.title = `coatcheck-executor ${number}`;

const channel = new Socket({ fd: channelFd, readable: true, writable: true });
const lines = new LineReader(requestBytesMax);

process.on('uncaughtException', die).on('unhandledRejection', die);
lowerOwnPriority();
await watchParent();
channel.on('data', (chunk) => lines.push(chunk).forEach(hear));
// The pool has gone or let go of this executor.
channel.on('close', () => process.exit(0));
say({ type: 'ready' });

function hear(line: string): void {
  // Only the pool holds the other end, so its messages are taken as they are.
  const message = JSON.parse(line) as ToExecutor;
  if (message.type === 'cancel') {
    if (current?.run === message.run) current.abort.abort();
  } else if (message.type !== 'run') {
    const named = takeWaiting(message.run);
    if (named === null) return;
    if (message.type === 'go') void work(named);
    else say({ type: 'returned', run: named.run });
  } else if (message.waits) {
    waiting = message;
  } else {
    void work(message);
  }
}

function takeWaiting(run: number): RunRequest | null {
  if (waiting?.run !== run) return null;
  const taken = waiting;
  waiting = null;
  return taken;
}

/** From now on a cancel of this run is heard. */
function taken(run: number): AbortController {
  const abort = new AbortController();
  current = { run, abort };
  return abort;
}

async function work(request: RunRequest, abort = taken(request.run)): Promise<void> {
  const { run } = request;
  const throttle = new ProgressThrottle((progress) => say({ type: 'progress', run, progress }));
  const progress = (fraction: number | null, message?: string) => {
    if (current?.run === run) throttle.report(fraction, message);
  };
  const { end, leftFiles } = await runTask(request, { folder, signal: abort.signal, progress });
  // A task that never yielded kept this process from hearing that another one waits.
  if (waiting === null) await newsHeard();
  throttle.end();
  current = null;
  const next = waiting !== null && !leftFiles && readdirSync(join(folder, 'tmp')).length === 0 ? takeWaiting(waiting.run) : null;
  // Once it is written: should the next task end this process, it is not to be blamed on this one.
  const go = next === null ? undefined : work.bind(null, next, taken(next.run));
  say({ type: 'end', run, end, goesOn: next !== null }, go);
}

/** What had come in before this is heard when it resolves: from one check phase of the event loop to the next there is a poll. */
async function newsHeard(): Promise<void> {
  for (let phase = 0; phase < 2; phase += 1) await new Promise((resolve) => setImmediate(resolve));
}

function say(message: FromExecutor, written?: () => void): void {
  channel.write(`${JSON.stringify(message)}\n`, written);
}

function die(error: unknown): void {
  say({ type: 'fatal', cause: describeError(error) });
  process.exit(70);
}

function watchParent(): Promise<void> {
  const lifeline = new Worker(compiledUrl('./lifeline.ts', import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1 },
  });
  lifeline.on('error', die).unref();
  return new Promise((resolve) => {
    lifeline.once('message', resolve);
  });
}
