import type { ErrorCode } from '../../core/errors.ts';
import type { SqliteJobStore } from './job-store.ts';
import type { PackedSubmission } from './packed-submission.ts';

/** What the thread of the writer starts with: the file of the database, and the shared memory in which it counts its commits. */
export interface WriterData {
  readonly path: string;
  readonly counted: SharedArrayBuffer;
}

/** The methods of a store that write, and so run in the thread of the writer. */
export const writeMethods = [
  'submitPacked',
  'submitPackedTogether',
  'change',
  'claim',
  'heartbeat',
  'attachInput',
  'remove',
  'insertFile',
  'expireFile',
  'setPaused',
  'reserve',
  'unreserve',
  'unreserveAll',
  'answer',
  'prune',
  'insertAction',
  'advanceAction',
  'declare',
  'writePackedDocuments',
  'pruneDocumentLog',
  'check',
] as const satisfies readonly (keyof SqliteJobStore)[];

export type WriteMethod = (typeof writeMethods)[number];

/** One call on its way to the writer. The arguments and the answer of every method are plain values. */
export interface WriteCall {
  readonly call: number;
  readonly method: WriteMethod;
  readonly args: readonly unknown[];
}

/** What one turn of the event loop asks for, and what time it was. */
export interface WriteRequest {
  readonly now: number;
  readonly calls: readonly WriteCall[];
}

/** Submissions of one call come in slices, so that neither side is held up by all of them at once; the call itself names them. */
export interface WriteSlice {
  readonly gathering: number;
  readonly submissions: readonly PackedSubmission[];
}

export type WriteReply =
  | { readonly call: number; readonly value: unknown }
  | {
      readonly call: number;
      readonly refused: { code: ErrorCode; detail: string; retryAfterSeconds: number | undefined; cause: unknown };
    }
  | { readonly call: number; readonly error: unknown }
  /** A transaction, told with the next answers. */
  | { readonly commit: { readonly writes: number; readonly seconds: number } };
