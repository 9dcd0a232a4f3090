import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { Duplex } from 'node:stream';
import { hasCode } from '../../core/has-code.ts';
import { messageOf } from '../../core/message-of.ts';
import type { ExecutorEnd } from '../../ports/executor-pool.ts';
import { LineReader } from './line-reader.ts';
import { lowerGroupPriority } from './low-priority.ts';
import { type FromExecutor, lineBytesMax, parseFromExecutor, type ToExecutor } from './messages.ts';
import type { Command } from './sandbox-command.ts';
import { TreeMemory } from './tree-memory.ts';
import type { WorkFolder } from './work-folder.ts';

const startMsMax = 20_000;
/** How long the last messages of a process that ended, or the end of one that was killed, are waited for. */
const lastWordsMs = 500;
const goneMsMax = 5_000;
/**
 * One thread for what Node does beside its own: there is one task at a time, and what it does one after the other finds its memory
 * warm in the same thread. Read when the process starts, then forgotten like everything else that an environment could hold.
 */
const environment = { UV_THREADPOOL_SIZE: '1' };
/** What is kept of its standard output and of its standard error, for the log. */
const outputCharsMax = 2_000;

export type Listener = Pick<ExecutorProcess, 'onMessage' | 'onDeath'>;

/**
 * One child process of a pool: how it is started, spoken to, killed, and known to be gone. It is not trusted: a message that is
 * none, or one that is too long, kills it.
 */
export class ExecutorProcess {
  readonly folder: WorkFolder;
  readonly pid: number | null;
  /** Of the process and whatever it has started. Null where it could not be started itself. */
  readonly memory: TreeMemory | null;
  /** Rejects where it dies before it is ready. */
  readonly ready: Promise<void>;
  /** Resolves when no process of its group holds a pipe of ours any more, so that its folder can go. */
  readonly gone: Promise<void>;
  /** Why it died; null while it lives. */
  death: string | null = null;
  /** What it says while nobody listens. */
  onMessage: (message: FromExecutor) => void = () => {};
  /** Called once, with why, when it has died or could not be killed in time. */
  onDeath: (why: string) => void = () => {};
  /** Those who are told of all that it says, and of its death. */
  readonly #listeners = new Set<Listener>();

  readonly #child: ChildProcess;
  readonly #channel: Duplex;
  readonly #lines = new LineReader(lineBytesMax);
  readonly #written = { stdout: '', stderr: '' };
  #why: string | null = null;
  #reason: ExecutorEnd = 'crash';
  #isGone = false;
  #lastWords: NodeJS.Timeout | null = null;

  constructor({ file, args }: Command, folder: WorkFolder) {
    this.folder = folder;
    // A group of its own: the Ctrl-C of a terminal does not reach it, and all of it can be killed at once.
    this.#child = spawn(file, args, {
      env: environment,
      cwd: folder.tmp,
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    });
    this.pid = this.#child.pid ?? null;
    this.memory = this.pid === null ? null : new TreeMemory(this.pid);
    if (this.pid !== null) void lowerGroupPriority(this.pid);
    this.gone = this.#watchEnd();
    this.#channel = duplexOf(this.#child);
    this.ready = this.#watchStart();
    this.#hear();
  }

  send(message: ToExecutor): void {
    this.#channel.write(`${JSON.stringify(message)}\n`);
  }

  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Kills the whole group. The first reason given is the one that counts. */
  kill(why: string, reason: ExecutorEnd = 'misbehavior'): void {
    if (this.death !== null || this.#isGone) return;
    if (this.#why === null) this.#reason = reason;
    this.#why ??= why;
    this.#killGroup();
    this.#awaitLastWords();
  }

  /** Why it is dead or about to be; null while it can be used. */
  get ending(): string | null {
    return this.death ?? this.#why;
  }

  /** The kind of what `ending` says. */
  get reason(): ExecutorEnd {
    return this.#reason;
  }

  /** The end of what it wrote to its standard output and error. */
  get output(): string {
    return (this.#written.stdout + this.#written.stderr).trim();
  }

  #watchStart(): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.kill(`It was not ready after ${startMsMax} ms.`), startMsMax);
      this.onMessage = (message) => {
        if (message.type !== 'ready') return this.kill('It said something else before it said that it is ready.');
        clearTimeout(timer);
        resolve();
      };
      this.onDeath = (why) => {
        clearTimeout(timer);
        reject(new Error(`${why} ${this.output}`.trim()));
      };
    });
  }

  #hear(): void {
    const { stdin, stdout, stderr } = this.#child;
    const keep = (stream: 'stdout' | 'stderr') => (text: string) => {
      this.#written[stream] = (this.#written[stream] + text).slice(-outputCharsMax);
    };
    stdout?.setEncoding('utf8').on('data', keep('stdout'));
    stderr?.setEncoding('utf8').on('data', keep('stderr'));
    this.#channel.on('data', (chunk: Buffer) => this.#take(chunk));
    this.#channel.on('close', () => this.#awaitLastWords());
    // Writing to a process that has just died fails; that it died is told by its end.
    for (const pipe of [stdin, stdout, stderr, this.#channel]) pipe?.on('error', () => {});
  }

  #take(chunk: Buffer): void {
    try {
      for (const line of this.#lines.push(chunk)) {
        if (this.ending !== null) return;
        const message = parseFromExecutor(line);
        if (message.type === 'fatal') this.kill(`An error that nothing caught ended it: ${message.cause}`, 'crash');
        else if (this.#listeners.size === 0) this.onMessage(message);
        else for (const { onMessage } of this.#listeners) onMessage(message);
      }
    } catch (error) {
      this.kill(`It sent a message that is none. ${messageOf(error)}`);
    }
  }

  #watchEnd(): Promise<void> {
    return new Promise((resolve) => {
      let giveUp: NodeJS.Timeout | undefined;
      const finish = () => {
        clearTimeout(giveUp);
        this.#isGone = true;
        this.memory?.end();
        this.#die();
        resolve();
      };
      this.#child.on('error', (error) => {
        this.#why ??= `It could not be started: ${error.message}.`;
        if (this.pid === null) finish();
      });
      this.#child.on('exit', (code, signal) => {
        this.#why ??= describeEnd(code, signal);
        // What it left behind in its group goes with it.
        this.#killGroup();
        this.#awaitLastWords();
        giveUp = setTimeout(finish, goneMsMax);
      });
      this.#child.on('close', finish);
    });
  }

  /** Its last messages may still be on their way, so its death is told when the pipes are closed or some time is over. */
  #awaitLastWords(): void {
    if (this.death !== null) return;
    this.#lastWords ??= setTimeout(() => {
      this.#why ??= 'It closed its channel.';
      this.#killGroup();
      this.#die();
    }, lastWordsMs);
  }

  #die(): void {
    if (this.#lastWords) clearTimeout(this.#lastWords);
    if (this.death !== null) return;
    this.death = this.#why ?? 'It ended.';
    for (const { onDeath } of this.#listeners) onDeath(this.death);
    this.onDeath(this.death);
  }

  #killGroup(): void {
    if (this.pid === null || this.#isGone) return;
    try {
      process.kill(-this.pid, 'SIGKILL');
    } catch (error) {
      // ESRCH: it has just gone by itself. macOS says EPERM of a group whose last member is a zombie.
      if (!hasCode(error, 'ESRCH', 'EPERM')) throw error;
    }
  }
}

function duplexOf({ stdio }: ChildProcess): Duplex {
  const channel: unknown = stdio[3];
  if (channel instanceof Duplex) return channel;
  throw new Error('The child has no channel.');
}

/** The wrappers of a sandbox report the signal that ended what they wrapped as 128 and its number. */
function describeEnd(code: number | null, signal: NodeJS.Signals | null): string {
  const name = signal ?? Object.entries(constants.signals).find(([, number]) => number === (code ?? 0) - 128)?.[0];
  return name === undefined ? `It ended with exit code ${code}.` : `It was ended by ${name}.`;
}
