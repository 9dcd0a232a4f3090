import { lstat } from 'node:fs/promises';
import type { Clock } from '../../core/clock.ts';
import { limits } from '../../core/limits.ts';
import { messageOf } from '../../core/message-of.ts';
import type { Assignment, AssignmentHooks, ExecutorEnd, ExecutorOutcome, ExecutorOutput } from '../../ports/executor-pool.ts';
import type { ExecutorProcess } from './executor-process.ts';
import type { AnnouncedOutput, FromExecutor, TaskEnd } from './messages.ts';
import { plainBytes, plainDuration } from './plain-amounts.ts';
import { outputPath } from './work-folder.ts';

/** Messages beyond twice the agreed rate of progress that are put up with. */
const extraMessagesMax = 100;

export interface AssignmentRun extends AssignmentHooks {
  readonly process: ExecutorProcess;
  readonly assignment: Assignment;
  /** Address of the module with the task, and the media types that its outputs may have. */
  readonly task: { readonly url: URL; readonly produces: readonly string[] };
  /** Tells apart the messages of this run from late ones of an earlier run of the same process. */
  readonly run: number;
  /** Where its input was put. */
  readonly inputPath: string;
  /** Resolves when its turn has come, where it is behind another one; null where it begins at once. */
  readonly turn: Promise<void> | null;
  /** It has ended; `goesOn`: the executor has begun with the one behind it. */
  readonly onEnd: (goesOn: boolean) => void;
  /** The pool is closing: whatever happens is not the task's doing. */
  readonly closing: AbortSignal;
  readonly clock: Clock;
}

/**
 * Runs one assignment on a process that is ready, within its limits. Never rejects. The process is dead afterwards where a
 * limit or a cancel killed it, or where it crashed or broke the rules of the conversation.
 */
export async function runAssignment(run: AssignmentRun): Promise<ExecutorOutcome> {
  const { process, turn, signal, closing } = run;
  if (signal.aborted || closing.aborted) return { kind: 'aborted' };
  if (process.ending !== null) return crashed(process, process.ending);
  const talk = converse(run);
  if (turn !== null && !(await hasTurn(run, turn, talk.end))) return neverBegan(run);
  run.onBegin?.();
  let peakBytes = 0;
  const onResident = (bytes: number) => {
    peakBytes = Math.max(peakBytes, bytes);
  };
  const outcome = await watched({ ...run, onResident }, talk);
  return peakBytes === 0 ? outcome : { ...outcome, peakBytes };
}

/**
 * False where it ended before its turn: returned, or its executor died. It is asked back once the one before it has turned out to be
 * none of the short ones: another executor may be idle sooner.
 */
async function hasTurn({ process, run, signal, clock }: AssignmentRun, turn: Promise<void>, end: Talk['end']): Promise<boolean> {
  const askBack = () => process.send({ type: 'return', run });
  const forget = clock.after(limits.shortJobMs, askBack);
  signal.addEventListener('abort', askBack, { once: true });
  const isTurn = await Promise.race([turn.then(() => true), end.then(() => false)]);
  forget();
  signal.removeEventListener('abort', askBack);
  return isTurn;
}

function neverBegan({ signal, closing }: AssignmentRun): ExecutorOutcome {
  return { kind: signal.aborted || closing.aborted ? 'aborted' : 'unbegun' };
}

type Watched = AssignmentRun & { readonly onResident: (bytes: number) => void };

async function watched(run: Watched, talk: Talk): Promise<ExecutorOutcome> {
  const { process, signal, closing } = run;
  let verdict: ExecutorOutcome | null = null;
  const stop: Stop = (outcome, why, reason) => {
    verdict ??= outcome;
    process.kill(why, reason);
  };
  const silence = watchSilence(run, stop);
  const watches = [watchTime(run, stop), silence.end, watchMemory(run, stop), watchCancel(run, stop)];
  talk.onWord = silence.heard;
  const end = await talk.end;
  for (const unwatch of watches) unwatch();
  if (signal.aborted || closing.aborted) return { kind: 'aborted' };
  if (verdict !== null) return verdict;
  switch (end.kind) {
    case 'died':
      return crashed(process, end.why);
    case 'returned':
      // It was asked back right before it was told to go.
      return neverBegan(run);
    default:
      return await outcomeOf(run, end);
  }
}

type Stop = (outcome: ExecutorOutcome, why: string, reason: ExecutorEnd) => void;

interface Talk {
  readonly end: Promise<TalkEnd>;
  /** Called with every word of progress. */
  onWord: () => void;
}

type TalkEnd = TaskEnd | { readonly kind: 'died'; readonly why: string } | { readonly kind: 'returned' };

/** Hands the task over, and hears how it goes and how it ended. */
function converse({ process, run, assignment, task, turn, inputPath: path, onProgress, onEnd, clock }: AssignmentRun): Talk {
  const startedAt = clock.now();
  let messages = 0;
  let settle: (end: TalkEnd) => void = () => {};
  const end = new Promise<TalkEnd>((resolve) => {
    settle = resolve;
  });
  const talk: Talk = { end, onWord() {} };
  const endWith = (how: TalkEnd) => {
    forget();
    settle(how);
  };
  const hear = (message: FromExecutor) => {
    messages += 1;
    const messagesMax = extraMessagesMax + (2 * (clock.now() - startedAt)) / limits.progressIntervalMs;
    if (messages > messagesMax) return process.kill('It sent more messages than it may.');
    if (message.type === 'ready') return process.kill('It said twice that it is ready.');
    if (message.type === 'fatal' || message.run !== run) return;
    switch (message.type) {
      case 'progress':
        talk.onWord();
        return onProgress(message.progress);
      case 'end':
        onEnd(message.goesOn);
        return endWith(message.end);
      case 'returned':
        return turn === null ? process.kill('It returned what did not wait.') : endWith({ kind: 'returned' });
    }
  };
  const forget = process.listen({ onMessage: hear, onDeath: (why) => endWith({ kind: 'died', why }) });
  const { options, input, traceparent } = assignment;
  const placed = input === null ? null : { ...input, path };
  process.send({ type: 'run', run, waits: turn !== null, task: task.url.href, traceparent, options, input: placed });
  return talk;
}

function watchTime({ assignment: { timeMs }, clock }: AssignmentRun, stop: Stop): () => void {
  return clock.after(timeMs, () => tooLong(stop, `The job took longer than ${plainDuration(timeMs)}.`));
}

/** The time that is left begins anew with every word of progress. */
function watchSilence({ assignment: { silenceMs }, clock }: AssignmentRun, stop: Stop): { heard(): void; end(): void } {
  const fromNow = () =>
    clock.after(silenceMs, () => tooLong(stop, `A step of the job took longer than ${plainDuration(silenceMs)}.`));
  let forget = fromNow();
  return {
    heard() {
      forget();
      forget = fromNow();
    },
    end: () => forget(),
  };
}

/** Not tried again by itself: what took too long would most likely do so once more, and hold an executor as long. */
function tooLong(stop: Stop, detail: string): void {
  stop({ kind: 'rejected', code: 'time-limit-exceeded', detail }, detail, 'time-limit');
}

/**
 * The nearer to its limit, the sooner it is looked at again: what a task can take until then, at the fastest that memory is taken,
 * is not more than it has left.
 */
function watchMemory({ process, assignment: { memoryBytes }, clock, onResident }: Watched, stop: Stop): () => void {
  const detail = `The job needed more than ${plainBytes(memoryBytes)} of memory.`;
  let isOver = false;
  const look = async () => {
    const bytes = (await process.memory?.bytes()) ?? null;
    if (isOver) return;
    if (bytes !== null) onResident(bytes);
    if (bytes !== null && bytes > memoryBytes)
      stop({ kind: 'failed', code: 'memory-limit-exceeded', detail }, detail, 'memory-limit');
    else lookLater(bytes === null ? limits.memoryPollMs : memoryPollMs(memoryBytes - bytes));
  };
  const failed = (cause: unknown) => {
    const sentence = 'The memory of the process that worked on the job could not be measured.';
    stop({ kind: 'failed', code: 'internal-error', detail: sentence, cause }, sentence, 'crash');
  };
  let forget = () => {};
  const lookLater = (ms: number) => {
    forget = clock.after(ms, () => look().catch(failed));
  };
  lookLater(limits.memoryPollMs);
  return () => {
    isOver = true;
    forget();
  };
}

function memoryPollMs(bytesLeft: number): number {
  const ms = bytesLeft / limits.memoryGrowthPerMsBytesMax;
  return Math.min(limits.memoryPollMsMax, Math.max(limits.memoryPollMs, ms));
}

function watchCancel({ process, run, signal, clock }: AssignmentRun, stop: Stop): () => void {
  let forget = () => {};
  const cancel = () => {
    process.send({ type: 'cancel', run });
    forget = clock.after(limits.cancelGraceMs, () =>
      stop({ kind: 'aborted' }, 'It did not end after it was told that the job is canceled.', 'cancel'),
    );
  };
  if (signal.aborted) cancel();
  else signal.addEventListener('abort', cancel, { once: true });
  return () => {
    signal.removeEventListener('abort', cancel);
    forget();
  };
}

async function outcomeOf({ process, task, assignment }: AssignmentRun, end: TaskEnd): Promise<ExecutorOutcome> {
  switch (end.kind) {
    case 'rejected':
      return end;
    case 'retryLater':
      return { ...end, kind: 'failed' };
    case 'threw':
      return {
        kind: 'failed',
        code: 'internal-error',
        detail: 'Something broke while the job was worked on.',
        cause: new Error(end.cause),
      };
    case 'done':
      try {
        return { kind: 'done', result: end.result, outputs: await checkedOutputs(process, task.produces, end.outputs) };
      } catch (error) {
        const why = `It did not leave the files of ${assignment.service} as it should. ${messageOf(error)}`;
        process.kill(why);
        return crashed(process, why, 'The process that worked on the job did not leave its files as it should.');
      }
  }
}

/** An output must be an ordinary file of a kind that the service makes; who opens it later looks again. */
async function checkedOutputs(
  { folder }: ExecutorProcess,
  produces: readonly string[],
  outputs: readonly AnnouncedOutput[],
): Promise<ExecutorOutput[]> {
  const checked: ExecutorOutput[] = [];
  for (const [index, output] of outputs.entries()) {
    const { id, name, mediaType, content } = output;
    if (!produces.includes(mediaType)) throw new Error(`The service does not make ${mediaType}.`);
    if (content !== undefined) {
      checked.push({ id, name, mediaType, content: { bytes: Buffer.from(content, 'base64') } });
      continue;
    }
    const path = outputPath(folder.out, index);
    const found = await lstat(path);
    if (!found.isFile() || found.nlink !== 1) throw new Error(`The output ${id} is no ordinary file.`);
    if (found.size > limits.outputBytesMax) throw new Error(`The output ${id} has ${found.size} bytes.`);
    checked.push({ id, name, mediaType, content: { path } });
  }
  return checked;
}

const died = 'The process that worked on the job died before it was done.';

function crashed({ output }: ExecutorProcess, why: string, detail = died): ExecutorOutcome {
  const cause = new Error(output === '' ? why : `${why} It had written: ${output}`);
  return { kind: 'failed', code: 'executor-crashed', detail, cause };
}
