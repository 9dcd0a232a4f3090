import type { Clock } from '../../core/clock.ts';
import { ServiceError } from '../../core/errors.ts';
import { messageOf } from '../../core/message-of.ts';
import type {
  Assignment,
  Executor,
  ExecutorEnd,
  ExecutorFolder,
  ExecutorOutcome,
  ExecutorState,
} from '../../ports/executor-pool.ts';
import { removeFolder } from './empty-folder.ts';
import { ExecutorProcess } from './executor-process.ts';
import { type AssignmentRun, runAssignment } from './run-assignment.ts';
import type { Command, SandboxKind } from './sandbox-command.ts';
import { emptyWorkFolder, inputPath, makeWorkFolder, type WorkFolder } from './work-folder.ts';

/** Engines leak a little: a process is replaced after so many tasks, or when it stays that large after one. */
const tasksMax = 10_000;
const residentBytesMax = 1024 ** 3;
/** Pause before the next start after a failed one: doubled each time. */
const backoffMs = 100;
const backoffMsMax = 5_000;

export type ExecutorLog = (
  level: 'debug' | 'info' | 'warn' | 'error',
  fields: Readonly<Record<string, unknown>>,
  message: string,
) => void;

/** What all slots of a pool share. */
export interface SlotSurroundings {
  /** Where the work folders lie. */
  readonly folder: string;
  readonly sandbox: SandboxKind;
  readonly command: (executor: number, folder: WorkFolder) => Command;
  readonly tasks: ReadonlyMap<string, AssignmentRun['task']>;
  readonly clock: Clock;
  readonly log: ExecutorLog;
  /** Told of each process that ended before the pool closed. */
  readonly onEnd: (reason: ExecutorEnd) => void;
  /** Aborted when the pool closes. */
  readonly closing: AbortSignal;
}

/** A place for one executor: keeps one process running, hands it one task at a time, and replaces it when it dies. */
export class ExecutorSlot implements Executor {
  isBusy = false;
  readonly #number: number;
  readonly #around: SlotSurroundings;
  #process: ExecutorProcess | null = null;
  /** The process that has, or had, the input of the present task in its folder. */
  #prepared: ExecutorProcess | null = null;
  #starting: Promise<ExecutorProcess> | null = null;
  /** Folders of dead processes that are still being removed. */
  readonly #leaving = new Set<Promise<void>>();
  #failedStarts = 0;
  #restarts = 0;
  /** Tasks run by all processes of this slot, and by the present one. */
  #tasks = 0;
  #tasksOfProcess = 0;
  #current: { job: string; service: string; traceparent: string; startedAt: number } | null = null;
  #residentBytes: number | null = null;

  constructor(number: number, around: SlotSurroundings) {
    this.#number = number;
    this.#around = around;
  }

  get isAlive(): boolean {
    return this.#process !== null;
  }

  /** Starts the process ahead of its first task; a failure is logged, and told to whoever needs the process. */
  warmUp(): void {
    this.#ready().catch(() => {});
  }

  async prepare(): Promise<ExecutorFolder> {
    this.#prepared = this.#process ?? (await this.#ready());
    const { folder } = this.#prepared;
    return { inputPath: (mediaType) => inputPath(folder, mediaType) };
  }

  async run(assignment: Assignment, { signal, onProgress }: Parameters<Executor['run']>[1]): Promise<ExecutorOutcome> {
    const { tasks, clock, closing } = this.#around;
    const task = tasks.get(assignment.service);
    const process = this.#prepared;
    if (closing.aborted) return { kind: 'aborted' };
    if (task === undefined) return failed('service-unavailable', `The service ${assignment.service} is not installed here.`);
    if (process === null) return failed('internal-error', 'The executor was not prepared for the job.');
    this.#failedStarts = 0;
    this.#tasks += 1;
    this.#tasksOfProcess += 1;
    const { job, service, traceparent } = assignment;
    this.#current = { job, service, traceparent, startedAt: clock.now() };
    this.#around.log('debug', { ...this.#trace(), executor: this.#number, pid: process.pid, service }, 'executor.began');
    const outcome = await runAssignment({
      process,
      assignment,
      task,
      run: this.#tasks,
      signal,
      onProgress,
      closing,
      clock,
    });
    this.#residentBytes = outcome.peakBytes ?? null;
    this.#watchIdle(process);
    return outcome;
  }

  async release(): Promise<void> {
    this.#current = null;
    const process = this.#prepared;
    this.#prepared = null;
    try {
      if (process !== null && process.ending === null) await this.#makeFit(process);
    } finally {
      this.#residentBytes = null;
      this.isBusy = false;
    }
  }

  snapshot(): ExecutorState {
    const pid = this.#process?.pid ?? null;
    return {
      executor: this.#number,
      pid,
      job: this.#current?.job ?? null,
      service: this.#current?.service ?? null,
      startedAt: this.#current?.startedAt ?? null,
      tasks: this.#tasks,
      restarts: this.#restarts,
      sandbox: this.#around.sandbox,
      residentBytes: this.#process?.memory?.bytesNow() ?? null,
    };
  }

  /** Once the pool is closing: resolves when the process and its folder are gone. */
  async end(): Promise<void> {
    // A start that is under way fails now, and has been logged.
    await this.#starting?.catch(() => {});
    this.#process?.kill('The pool is closing.');
    await Promise.all(this.#leaving);
  }

  /** For the next task: with an empty folder, or replaced. */
  async #makeFit(process: ExecutorProcess): Promise<void> {
    if (this.#isWorn(process)) return this.#replace(process, 'It has run for long and is replaced by a fresh one.', 'worn');
    try {
      await emptyWorkFolder(process.folder);
    } catch (error) {
      this.#replace(process, `Its work folder could not be emptied. ${messageOf(error)}`);
    }
  }

  #isWorn(process: ExecutorProcess): boolean {
    if (this.#tasksOfProcess >= tasksMax) return true;
    // Measured again only where it was large meanwhile: what a task gave back does not count.
    if ((this.#residentBytes ?? 0) <= residentBytesMax) return false;
    return (process.memory?.bytesNow() ?? 0) > residentBytesMax;
  }

  #ready(): Promise<ExecutorProcess> {
    if (this.#process !== null) return Promise.resolve(this.#process);
    this.#starting ??= this.#start().finally(() => {
      this.#starting = null;
    });
    return this.#starting;
  }

  async #start(): Promise<ExecutorProcess> {
    const { folder: parent, command, closing } = this.#around;
    await this.#pauseAfterFailure();
    if (closing.aborted) throw new ServiceError('shutting-down', 'The server is stopping.');
    try {
      const folder = await makeWorkFolder(parent, this.#number);
      const process = await this.#spawn(command(this.#number, folder), folder);
      const cancel = () => process.kill('The pool is closing.');
      closing.addEventListener('abort', cancel, { once: true });
      await process.ready.finally(() => closing.removeEventListener('abort', cancel));
      this.#tasksOfProcess = 0;
      this.#process = process;
      this.#watchIdle(process);
      return process;
    } catch (cause) {
      throw this.#startFailure(cause);
    }
  }

  async #spawn(command: Command, folder: WorkFolder): Promise<ExecutorProcess> {
    try {
      const process = new ExecutorProcess(command, folder);
      this.#sweepAfter(process);
      return process;
    } catch (error) {
      await removeFolder(folder.path);
      throw error;
    }
  }

  #startFailure(cause: unknown): ServiceError {
    if (this.#around.closing.aborted) return new ServiceError('shutting-down', 'The server is stopping.', { cause });
    this.#failedStarts += 1;
    this.#around.onEnd('start');
    this.#around.log('error', { executor: this.#number, failedStarts: this.#failedStarts, err: cause }, 'executor.start-failed');
    return new ServiceError(
      'service-unavailable',
      'No process can be started to work on the job. `coatcheck doctor` looks for the reason.',
      { cause },
    );
  }

  /** Whoever waits for an executor waits here, too: so a broken installation neither spins nor hangs. */
  #pauseAfterFailure(): Promise<void> {
    const { clock, closing } = this.#around;
    if (this.#failedStarts === 0 || closing.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const go = () => {
        forget();
        closing.removeEventListener('abort', go);
        resolve();
      };
      const forget = clock.after(Math.min(backoffMs * 2 ** (this.#failedStarts - 1), backoffMsMax), go);
      closing.addEventListener('abort', go, { once: true });
    });
  }

  /** Between tasks an executor has nothing to say; when it dies another one is started at once. */
  #watchIdle(process: ExecutorProcess): void {
    process.onMessage = () => this.#replace(process, 'It spoke without having been asked.');
    process.onDeath = (why) => this.#replace(process, why);
    if (process.ending !== null) this.#replace(process, process.ending);
  }

  #replace(process: ExecutorProcess, why: string, reason: ExecutorEnd = 'misbehavior'): void {
    process.kill(why, reason);
    if (this.#process !== process) return;
    this.#process = null;
    if (this.#around.closing.aborted) return;
    this.#restarts += 1;
    // One that ended without having done anything counts like one that did not start.
    if (this.#tasksOfProcess === 0) this.#failedStarts += 1;
    const { pid, output, reason: ended } = process;
    this.#around.onEnd(ended);
    const fields = { ...this.#trace(), executor: this.#number, pid, reason: ended, why, output, tasks: this.#tasksOfProcess };
    this.#around.log(ended === 'worn' ? 'info' : 'warn', fields, 'executor.ended');
    this.warmUp();
  }

  /** Which job it works on, for the log; nothing between jobs. */
  #trace(): object {
    if (this.#current === null) return {};
    const { job, traceparent } = this.#current;
    const [, traceId, spanId] = traceparent.split('-');
    return { traceId, spanId, job };
  }

  #sweepAfter(process: ExecutorProcess): void {
    const { path } = process.folder;
    const swept = process.gone
      .then(() => removeFolder(path))
      .catch((err: unknown) => this.#around.log('warn', { executor: this.#number, folder: path, err }, 'executor.folder-left'))
      .finally(() => this.#leaving.delete(swept));
    this.#leaving.add(swept);
  }
}

function failed(code: 'service-unavailable' | 'internal-error', detail: string): ExecutorOutcome {
  return { kind: 'failed', code, detail };
}
