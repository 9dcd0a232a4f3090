import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** A server process as a user would start it, with a data folder that the caller owns. */
export interface Program {
  readonly url: string;
  readonly pid: number;
  /** What it has logged so far. */
  log(): string;
  /** Resolves with the exit code, or the signal that ended it. */
  end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals>;
  readonly ended: Promise<number | NodeJS.Signals>;
}

export interface StartOptions {
  /** A command that runs the server as its last arguments, in its own place: `nsenter -t 1 -m`. */
  readonly within?: readonly string[];
}

/** Starts `coatcheck serve` and resolves when it says that it is ready; rejects with its output where it ends before. */
export async function startProgram(
  data: string,
  flags: readonly string[] = [],
  { within = [] }: StartOptions = {},
): Promise<Program> {
  const [command = '', ...args] = [...within, process.execPath, main, 'serve', '--port', '0', '--data', data, ...flags];
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH ?? '' },
  });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log = (log + text).slice(-1_000_000);
  });
  const ended = endOf(child);
  const url = await Promise.race([
    readyUrl(child),
    ended.then((how) => {
      throw new Error(`coatcheck serve ended with ${how} before it was ready:\n${log}`);
    }),
  ]);
  return {
    url,
    pid: child.pid ?? 0,
    log: () => log,
    ended,
    end(signal) {
      child.kill(signal);
      return ended;
    },
  };
}

async function readyUrl(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('no stdout');
  for await (const line of createInterface(child.stdout)) {
    const url = /https?:\/\/\S+/.exec(line)?.[0];
    if (url !== undefined) return url;
  }
  return new Promise(() => {});
}

async function endOf(child: ChildProcess): Promise<number | NodeJS.Signals> {
  const [code, signal]: unknown[] = await once(child, 'exit');
  return typeof code === 'number' ? code : (signal as NodeJS.Signals);
}

/** A new empty folder and the way to be rid of it. */
export async function temporaryFolder(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'coatcheck-test-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** Resolves when `condition` holds; rejects after `withinMs`, telling what was waited for. */
export async function eventually(what: string, condition: () => boolean | Promise<boolean>, withinMs = 10_000): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited ${withinMs} ms in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
