import { type ErrorCode, isErrorCode } from '../../core/errors.ts';
import { isId } from '../../core/ids.ts';
import type { Progress } from '../../core/job.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import { limits } from '../../core/limits.ts';
import type { TaskInput } from '../../ports/service.ts';

/**
 * What a pool and its executors say to each other: one JSON value a line over a socket pair. It is not Node's own IPC channel
 * because that one throws in the parent on a line that is no JSON, and buffers a line without a limit: the executor is not trusted.
 */
export type ToExecutor =
  | {
      readonly type: 'run';
      readonly run: number;
      /** It begins when the run before it has ended and left nothing behind, else when it is told to `go`. */
      readonly waits: boolean;
      readonly task: string;
      readonly traceparent: string;
      readonly options: JsonObject;
      readonly input: TaskInput | null;
    }
  /** The run that waits may begin: the folder is empty again. */
  | { readonly type: 'go'; readonly run: number }
  /** The run that waits shall not begin here any more, which is answered with `returned`. One that has begun goes on. */
  | { readonly type: 'return'; readonly run: number }
  | { readonly type: 'cancel'; readonly run: number };

export type FromExecutor =
  | { readonly type: 'ready' }
  | { readonly type: 'progress'; readonly run: number; readonly progress: Progress }
  /** `goesOn`: the run that waited begins by itself. */
  | { readonly type: 'end'; readonly run: number; readonly end: TaskEnd; readonly goesOn: boolean }
  /** It was waiting and has not begun. */
  | { readonly type: 'returned'; readonly run: number }
  /** Sent before it exits because of an error that nothing caught. */
  | { readonly type: 'fatal'; readonly cause: string };

export type TaskEnd =
  | { readonly kind: 'done'; readonly result: JsonObject; readonly outputs: readonly AnnouncedOutput[] }
  | { readonly kind: 'rejected'; readonly code: ErrorCode; readonly detail: string; readonly result?: JsonObject }
  | { readonly kind: 'retryLater'; readonly code: ErrorCode; readonly detail: string; readonly afterMs?: number }
  | { readonly kind: 'threw'; readonly cause: string };

export interface AnnouncedOutput {
  readonly id: string;
  readonly name: string;
  readonly mediaType: string;
  /** Its bytes as base64; without it they are in the file `out/<its place in the list>` of the work folder. */
  readonly content?: string;
}

/** The longest line that a pool reads: a result of the largest size and the list of outputs. */
export const lineBytesMax = limits.resultBytesMax + 2 * 1024 ** 2;
/** The longest cause that is reported, in characters. */
export const causeCharsMax = 4_000;
const detailCharsMax = 2_000;
const contentCharsMax = Math.ceil(limits.inlineOutputBytesMax / 3) * 4;
const mediaTypePattern = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,63}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,99}$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be in a name.
const unsafeName = /[\u0000-\u001f\u007f/\\]/;

/** A line of an executor as a message. Throws an `Error` that says what is wrong where it is none. */
export function parseFromExecutor(line: string): FromExecutor {
  const message = object(JSON.parse(line), 'message');
  switch (message.type) {
    case 'ready':
      return { type: 'ready' };
    case 'progress':
      return { type: 'progress', run: count(message.run, 'run'), progress: parseProgress(object(message.progress, 'progress')) };
    case 'end':
      return {
        type: 'end',
        run: count(message.run, 'run'),
        end: parseEnd(object(message.end, 'end')),
        goesOn: message.goesOn === true,
      };
    case 'returned':
      return { type: 'returned', run: count(message.run, 'run') };
    case 'fatal':
      return { type: 'fatal', cause: text(message.cause, 'cause', causeCharsMax) };
    default:
      throw new Error('The type of the message is unknown.');
  }
}

function parseProgress(progress: JsonObject): Progress {
  const { fraction = null, message = null } = progress;
  const isFraction = fraction === null || (typeof fraction === 'number' && fraction >= 0 && fraction <= 1);
  if (!isFraction) throw new Error('The fraction of a progress is not between 0 and 1.');
  return { fraction, message: message === null ? null : text(message, 'progress message', limits.progressMessageCharsMax) };
}

function parseEnd(end: JsonObject): TaskEnd {
  switch (end.kind) {
    case 'done':
      return { kind: 'done', result: parseResult(end.result), outputs: parseOutputs(end.outputs) };
    case 'rejected':
      return {
        kind: 'rejected',
        code: errorCode(end.code),
        detail: text(end.detail, 'detail', detailCharsMax),
        ...(end.result === undefined ? {} : { result: parseResult(end.result) }),
      };
    case 'retryLater':
      return {
        kind: 'retryLater',
        code: errorCode(end.code),
        detail: text(end.detail, 'detail', detailCharsMax),
        ...(end.afterMs === undefined ? {} : { afterMs: Math.min(count(end.afterMs, 'afterMs'), limits.runAtAheadMsMax) }),
      };
    case 'threw':
      return { kind: 'threw', cause: text(end.cause, 'cause', causeCharsMax) };
    default:
      throw new Error('The kind of the outcome is unknown.');
  }
}

function parseResult(value: Json | undefined): JsonObject {
  const result = object(value, 'result');
  if (!isWithinDepth(result, limits.jsonDepthMax)) throw new Error(`The result is nested deeper than ${limits.jsonDepthMax}.`);
  return result;
}

function parseOutputs(value: Json | undefined): AnnouncedOutput[] {
  if (!Array.isArray(value) || value.length > limits.outputsMax)
    throw new Error(`The outputs are no list of at most ${limits.outputsMax}.`);
  const outputs = value.map((each) => parseOutput(object(each, 'output')));
  if (new Set(outputs.map(({ id }) => id)).size !== outputs.length) throw new Error('Two outputs have the same id.');
  return outputs;
}

function parseOutput(output: JsonObject): AnnouncedOutput {
  const id = text(output.id, 'id of an output', 36);
  if (!isId(id)) throw new Error('The id of an output is none of ours.');
  const name = text(output.name, 'name of an output', limits.fileNameCharsMax);
  if (name === '' || unsafeName.test(name))
    throw new Error('The name of an output is empty or has characters that no name may have.');
  const mediaType = text(output.mediaType, 'media type of an output', 200);
  if (!mediaTypePattern.test(mediaType)) throw new Error('The media type of an output is none.');
  if (output.content === undefined) return { id, name, mediaType };
  return { id, name, mediaType, content: text(output.content, 'content of an output', contentCharsMax) };
}

function errorCode(value: Json | undefined): ErrorCode {
  if (typeof value === 'string' && isErrorCode(value)) return value;
  throw new Error('The error code of the outcome is unknown.');
}

function object(value: Json | undefined, what: string): JsonObject {
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value;
  throw new Error(`The ${what} is no object.`);
}

function text(value: Json | undefined, what: string, charsMax: number): string {
  if (typeof value === 'string' && value.length <= charsMax) return value;
  throw new Error(`The ${what} is no text of at most ${charsMax} characters.`);
}

function count(value: Json | undefined, what: string): number {
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
  throw new Error(`The ${what} is no number from 0 on.`);
}

function isWithinDepth(value: Json, depth: number): boolean {
  if (value === null || typeof value !== 'object') return true;
  if (depth === 0) return false;
  return (Array.isArray(value) ? value : Object.values(value)).every((member) => isWithinDepth(member, depth - 1));
}

/** Cuts a text to a number of characters without leaving half of a surrogate pair. */
export function cutText(text: string, charsMax: number): string {
  return text.length <= charsMax ? text : text.slice(0, charsMax).replace(/[\ud800-\udbff]$/, '');
}
