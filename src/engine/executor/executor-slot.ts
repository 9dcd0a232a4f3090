import type { Clock } from '../../core/clock.ts';
import { ServiceError } from '../../core/errors.ts';
import { limits } from '../../core/limits.ts';
import { messageOf } from '../../core/message-of.ts';
import type {
  Assignment,
  AssignmentHooks,
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
import { clearInputs, emptyWorkFolder, type InputPlace, inputPath, makeWorkFolder, type WorkFolder } from './work-folder.ts';

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

/** One task at a slot, from `acquire` to `release`. */
interface Turn {
  readonly isShort: boolean;
  /** It was taken while another one ran. */
  readonly isBehind: boolean;
  /** The process that has, or had, its input in its folder. */
  process: ExecutorProcess | null;
  readonly place: InputPlace;
  inputPath: string;
  assignment: Assignment | null;
  /** Its number at this slot, from when it was handed over until it has ended. */
  run: number | null;
  startedAt: number | null;
  /** Told when it begins. */
  begin: () => void;
}

/**
 * A place for one executor: keeps one process running, hands it one task at a time and a second one that lies ready, and replaces it
 * when it dies.
 */
export class ExecutorSlot {
  readonly #number: number;
  readonly #around: SlotSurroundings;
  #process: ExecutorProcess | null = null;
  #starting: Promise<ExecutorProcess> | null = null;
  /** Folders of dead processes that are still being removed. */
  readonly #leaving = new Set<Promise<void>>();
  #failedStarts = 0;
  #restarts = 0;
  /** Tasks run by all processes of this slot, and by the present one. */
  #tasks = 0;
  #tasksOfProcess = 0;
  /** Tasks that were handed over to all processes of this slot. */
  #runs = 0;
  /** The task that runs, or is being prepared or taken away, and the one behind it. */
  #line: Turn[] = [];
  /** The present process has run for long, or become large. */
  #isWorn = false;

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

  get isBusy(): boolean {
    return this.#line.length > 0;
  }

  /**
   * When the short task began behind which another one may lie ready; null where there is none, where the place is taken, and where it
   * has turned out not to be short: what lay behind it would be asked back, again and again.
   */
  get openSince(): number | null {
    const [first, second] = this.#line;
    const isOpen = first?.isShort === true && second === undefined && !this.#isWorn && first.process === this.#process;
    if (!isOpen || first.startedAt === null) return null;
    return this.#around.clock.now() - first.startedAt < limits.shortJobMs ? first.startedAt : null;
  }

  take(isShort: boolean): Executor {
    const [first] = this.#line;
    const turn: Turn = {
      isShort,
      isBehind: first !== undefined,
      process: null,
      place: first?.place === 'input' ? 'input-2' : 'input',
      inputPath: '',
      assignment: null,
      run: null,
      startedAt: null,
      begin() {},
    };
    this.#line.push(turn);
    return {
      prepare: () => this.#prepare(turn),
      run: (assignment, hooks) => this.#run(turn, assignment, hooks),
      release: () => this.#release(turn),
    };
  }

  async #prepare(turn: Turn): Promise<ExecutorFolder> {
    const process = this.#line[0]?.process ?? (await this.#ready());
    turn.process = process;
    return {
      inputPath(mediaType) {
        turn.inputPath = inputPath(process.folder, turn.place, mediaType);
        return turn.inputPath;
      },
      isLost: () => turn.isBehind && process.ending !== null,
    };
  }

  async #run(turn: Turn, assignment: Assignment, hooks: AssignmentHooks): Promise<ExecutorOutcome> {
    const { tasks, clock, closing } = this.#around;
    const task = tasks.get(assignment.service);
    const { process } = turn;
    if (closing.aborted) return { kind: 'aborted' };
    if (task === undefined) return failed('service-unavailable', `The service ${assignment.service} is not installed here.`);
    if (process === null) return failed('internal-error', 'The executor was not prepared for the job.');
    if (turn.isBehind && process.ending !== null) return { kind: 'unbegun' };
    const begins = new Promise<void>((resolve) => {
      turn.begin = resolve;
    });
    this.#runs += 1;
    turn.run = this.#runs;
    turn.assignment = assignment;
    const waits = turn !== this.#line[0];
    if (!waits) this.#begin(turn);
    const outcome = await runAssignment({
      ...hooks,
      process,
      assignment,
      task,
      run: turn.run,
      inputPath: turn.inputPath,
      turn: waits ? begins : null,
      onEnd: (goesOn) => goesOn && this.#goOn(process),
      closing,
      clock,
    });
    this.#isWorn ||= process === this.#process && this.#hasWorn(process, outcome.peakBytes ?? 0);
    turn.run = null;
    if (process.ending !== null) this.#replace(process, process.ending);
    return outcome;
  }

  #begin(turn: Turn): void {
    const { clock, log } = this.#around;
    turn.startedAt = clock.now();
    this.#failedStarts = 0;
    this.#tasks += 1;
    this.#tasksOfProcess += 1;
    const fields = { executor: this.#number, pid: turn.process?.pid, service: turn.assignment?.service };
    log('debug', { ...this.#trace(), ...fields }, 'executor.began');
    turn.begin();
  }

  /** The process has begun with the task that waits. */
  #goOn(process: ExecutorProcess): void {
    const next = this.#line.find(isWaiting);
    if (next === undefined) process.kill('It goes on with a task that it was not given.');
    else this.#begin(next);
  }

  async #release(turn: Turn): Promise<void> {
    const { process } = turn;
    try {
      if (process !== null && process.ending === null) await this.#makeFit(process, turn);
    } finally {
      this.#line = this.#line.filter((other) => other !== turn);
      this.#letGo();
    }
  }

  /** The folder is empty again: where a task waits, it begins now. */
  #letGo(): void {
    const [next] = this.#line;
    if (next === undefined || !isWaiting(next) || next.process?.ending !== null) return;
    next.process.send({ type: 'go', run: next.run });
    this.#begin(next);
  }

  snapshot(): ExecutorState {
    const pid = this.#process?.pid ?? null;
    const { assignment, startedAt } = this.#running() ?? { assignment: null, startedAt: null };
    return {
      executor: this.#number,
      pid,
      job: assignment?.job ?? null,
      service: assignment?.service ?? null,
      startedAt,
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

  /** For the next task: with an empty folder, or replaced. Where the next task runs already, the folder is its own. */
  async #makeFit(process: ExecutorProcess, turn: Turn): Promise<void> {
    const others = this.#line.filter((other) => other !== turn);
    const inputs = others.map(({ inputPath: path }) => path);
    try {
      if (others.some(({ startedAt }) => startedAt !== null)) clearInputs(process.folder, inputs);
      else if (this.#isWorn) this.#replace(process, 'It has run for long and is replaced by a fresh one.', 'worn');
      else await emptyWorkFolder(process.folder, inputs);
    } catch (error) {
      this.#replace(process, `Its work folder could not be emptied. ${messageOf(error)}`);
    }
  }

  #hasWorn(process: ExecutorProcess, peakBytes: number): boolean {
    if (this.#tasksOfProcess >= tasksMax) return true;
    // Measured again only where it was large meanwhile: what a task gave back does not count.
    return peakBytes > residentBytesMax && (process.memory?.bytesNow() ?? 0) > residentBytesMax;
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
      this.#isWorn = false;
      this.#process = process;
      this.#watch(process);
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
  #watch(process: ExecutorProcess): void {
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

  #running(): Turn | undefined {
    return this.#line.findLast(({ startedAt }) => startedAt !== null);
  }

  /** Which job it works on, for the log; nothing between jobs. */
  #trace(): object {
    const { assignment } = this.#running() ?? {};
    if (!assignment) return {};
    const { job, traceparent } = assignment;
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

/** Handed over, and not begun. */
function isWaiting(turn: Turn): turn is Turn & { run: number } {
  return turn.run !== null && turn.startedAt === null;
}

function failed(code: 'service-unavailable' | 'internal-error', detail: string): ExecutorOutcome {
  return { kind: 'failed', code, detail };
}
