import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { newId } from '../../core/ids.ts';
import type { JsonObject } from '../../core/json.ts';
import { limits } from '../../core/limits.ts';
import type { Task, TaskContext, TaskInput } from '../../ports/service.ts';
import { type AnnouncedOutput, causeCharsMax, cutText, type TaskEnd } from './messages.ts';
import { outputPath } from './work-folder.ts';

export interface TaskRequest {
  /** Address of the module that exports `task`; loaded once, then kept by Node. */
  readonly task: string;
  readonly traceparent: string;
  readonly options: JsonObject;
  readonly input: TaskInput | null;
}

export interface TaskSurroundings {
  /** The work folder, with `out/` and `tmp/` in it. */
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly progress: TaskContext['progress'];
}

export interface EndedTask {
  readonly end: TaskEnd;
  /** It may have made files in `out/`. */
  readonly leftFiles: boolean;
}

/** Inside an executor: runs one task to its end. Never rejects; a throw of the task is an end, too. */
export async function runTask(request: TaskRequest, around: TaskSurroundings): Promise<EndedTask> {
  const outputs: AnnouncedOutput[] = [];
  const ended = (end: TaskEnd) => ({ end, leftFiles: outputs.some(({ content }) => content === undefined) });
  try {
    const task = await loadTask(request.task);
    const outcome = await task(taskContext(request, around, outputs));
    return ended(outcome.kind === 'done' ? { ...outcome, outputs } : outcome);
  } catch (error) {
    return ended({ kind: 'threw', cause: describeError(error) });
  }
}

/** What is to be known of anything that was thrown, as a text of limited length. */
export function describeError(error: unknown): string {
  const whole = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return cutText(whole, causeCharsMax);
}

async function loadTask(url: string): Promise<Task> {
  const module: { task?: unknown } = await import(url);
  if (typeof module.task !== 'function') throw new Error(`The module ${url} exports no function \`task\`.`);
  // What a module exports has no type at run time; that it is a function is all that can be checked.
  return module.task as Task;
}

function taskContext(
  { input, options, traceparent }: TaskRequest,
  { folder, signal, progress }: TaskSurroundings,
  outputs: AnnouncedOutput[],
): TaskContext {
  let inlineBytes = 0;
  function output(name: string, mediaType: string): { id: string; path: string } {
    if (outputs.length === limits.outputsMax) throw new Error(`A task may make at most ${limits.outputsMax} files.`);
    const id = newId();
    outputs.push({ id, name, mediaType });
    return { id, path: outputPath(join(folder, 'out'), outputs.length - 1) };
  }
  return {
    input,
    options,
    traceparent,
    folder: join(folder, 'tmp'),
    signal,
    progress,
    output,
    async outputBytes(name, mediaType, bytes) {
      const { id, path } = output(name, mediaType);
      if (bytes.length > limits.inlineOutputBytesMax || inlineBytes + bytes.length > limits.inlineBytesMax) {
        await writeFile(path, bytes);
      } else {
        inlineBytes += bytes.length;
        outputs.splice(-1, 1, { id, name, mediaType, content: Buffer.from(bytes).toString('base64') });
      }
      return id;
    },
  };
}
