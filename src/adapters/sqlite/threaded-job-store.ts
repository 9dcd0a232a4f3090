import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { Clock } from '../../core/clock.ts';
import { compiledUrl } from '../../core/compiled-url.ts';
import { ServiceError } from '../../core/errors.ts';
import type { Job } from '../../core/job.ts';
import type { DocumentStore } from '../../ports/document-store.ts';
import type { Content, JobChange, JobStore, Submission, SubmitOutcome, TogetherOutcome } from '../../ports/job-store.ts';
import { CommitCount, commitCountBytes } from './commit-count.ts';
import { openDatabase } from './database.ts';
import { databaseClosed } from './database-error.ts';
import { outcomeOf, type PackedOutcome, packedChange } from './documents/packed-document.ts';
import type { OnCommit } from './group-commit.ts';
import { jobStoreOn, type SqliteJobStore } from './job-store.ts';
import { bytesOf, packed } from './packed-submission.ts';
import { SharedReads } from './shared-reads.ts';
import {
  type WriteCall,
  type WriteMethod,
  type WriteReply,
  type WriteRequest,
  type WriterData,
  type WriteSlice,
  writeMethods,
} from './write-calls.ts';

/** So many submissions are copied for the writer at a time. */
const sliceMax = 250;

/** So many messages may wait for the writer: one that it works on, and the next. What else is asked for meanwhile travels together. */
const messagesMax = 2;

/** A message with so many bytes of files goes at once: the writer has enough to do with it, and need not wait for the end of this turn. */
const fullBytes = 256 * 1024;

/** How long a change waits for others that may wait, and how many of them go together at most. */
const patienceMs = 20;
const patientMax = 16;

/** Calls that travel in one message. */
interface Batch {
  left: number;
}

/** A read that waits until so many commits are on the disk. */
interface Reader {
  readonly begun: bigint;
  resolve(): void;
  reject(error: unknown): void;
}

/** How a call travels: whether it may wait for others, and the bytes of files that it carries. */
interface Sending {
  readonly mayWait?: boolean | undefined;
  readonly contents?: readonly Content[] | undefined;
}

interface Pending {
  readonly batch: Batch;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

export interface ThreadedJobStoreOptions {
  readonly path: string;
  readonly clock: Clock;
  readonly onCommit?: OnCommit;
}

/**
 * The SQLite job store with a thread of its own for writes, so that waiting for the disk never holds up a request: reads run
 * here on a second connection, and see every write whose promise has resolved. `path` must be a file.
 */
export async function openThreadedJobStore({
  path,
  clock,
  onCommit = () => {},
}: ThreadedJobStoreOptions): Promise<JobStore & DocumentStore> {
  const counted = new SharedArrayBuffer(commitCountBytes);
  const commits = new CommitCount(counted);
  const workerData: WriterData = { path, counted };
  const writer = new Worker(compiledUrl('./writer-thread.ts', import.meta.url), { workerData });
  // The writer brings the tables up to date before it says that it is there.
  await once(writer, 'message');
  const database = openDatabase(path);
  const shared = new SharedReads(database, settled);
  const reader = jobStoreOn(database, clock, { shared });
  const pending = new Map<number, Pending>();
  let calls: WriteCall[] = [];
  let batch: Batch = { left: 0 };
  /** Of the files that they store. */
  let bytes = 0;
  /** Sent to the writer and not yet answered. */
  const unanswered: Batch[] = [];
  let readers: Reader[] = [];
  let isAsking = false;
  /** Whether what has been asked for goes to the writer as soon as it takes it. */
  let isDue = false;
  let patience: NodeJS.Timeout | null = null;
  let lastCall = 0;
  let lastGathering = 0;
  let closing: Promise<void> | null = null;

  writer.on('message', (replies: readonly WriteReply[]) => {
    // Who hears that a write is committed, and then reads, must see it.
    shared.leave();
    for (const reply of replies) settle(reply);
    letGo();
  });
  writer.on('error', (error) => {
    for (const { reject } of pending.values()) reject(error);
    pending.clear();
    // Without its writer the process is of no use; started again it goes on where it was.
    throw error;
  });

  function settle(reply: WriteReply): void {
    if ('commit' in reply) {
      onCommit(reply.commit.writes, reply.commit.seconds);
      return;
    }
    const waiting = pending.get(reply.call);
    pending.delete(reply.call);
    if (waiting !== undefined) noteAnswer(waiting.batch);
    if ('value' in reply) waiting?.resolve(reply.value);
    else waiting?.reject('refused' in reply ? refused(reply.refused) : reply.error);
  }

  function noteAnswer(answered: Batch): void {
    answered.left -= 1;
    while (unanswered[0]?.left === 0) unanswered.shift();
    flush();
  }

  function settled(): Promise<void> | undefined {
    const { begun } = commits;
    if (begun <= commits.synced) return;
    return new Promise((resolve, reject) => {
      readers.push({ begun, resolve, reject });
      if (unanswered.length === 0) askForDisk();
    });
  }

  /** Lets reads go whose commits are on the disk by now. */
  function letGo(): void {
    if (readers.length === 0) return;
    const { synced } = commits;
    const waiting = readers.filter(({ begun }) => begun > synced);
    for (const reader of readers) if (reader.begun <= synced) reader.resolve();
    readers = waiting;
    if (readers.length > 0 && unanswered.length === 0) askForDisk();
  }

  /** The disk has failed to take a commit, and nothing is under way that would try again. */
  function askForDisk(): void {
    if (isAsking) return;
    isAsking = true;
    send('check', [])
      .catch((error: unknown) => {
        for (const reader of readers.splice(0)) reader.reject(error);
      })
      .finally(() => {
        isAsking = false;
        letGo();
      });
  }

  function send(method: WriteMethod, args: readonly unknown[], { mayWait = false, contents }: Sending = {}): Promise<unknown> {
    if (closing !== null) return Promise.reject(databaseClosed());
    return new Promise((resolve, reject) => {
      lastCall += 1;
      pending.set(lastCall, { batch, resolve, reject });
      calls.push({ call: lastCall, method, args });
      bytes += bytesOf(contents);
      if (bytes >= fullBytes) post();
      else if (mayWait && calls.length < patientMax) patience ??= setTimeout(becomeDue, patienceMs);
      else becomeDue();
    });
  }

  /** What this turn of the event loop asks for travels as one message. */
  function becomeDue(): void {
    if (isDue) return;
    isDue = true;
    setImmediate(flush);
  }

  async function gather(submissions: readonly Submission[]): Promise<number> {
    lastGathering += 1;
    const gathering = lastGathering;
    for (let at = 0; at < submissions.length && closing === null; at += sliceMax) {
      const slice = submissions.slice(at, at + sliceMax).map((submission) => packed(submission, clock.now()));
      writer.postMessage({ gathering, submissions: slice } satisfies WriteSlice);
      await nextTurn();
    }
    return gathering;
  }

  function flush(): void {
    if (isDue && calls.length > 0 && unanswered.length < messagesMax) post();
  }

  function post(): void {
    const request: WriteRequest = { now: clock.now(), calls };
    writer.postMessage(request);
    batch.left = calls.length;
    unanswered.push(batch);
    batch = { left: 0 };
    calls = [];
    bytes = 0;
    isDue = false;
    if (patience !== null) clearTimeout(patience);
    patience = null;
  }

  async function close(): Promise<void> {
    if (calls.length > 0) post();
    const exit = once(writer, 'exit');
    writer.postMessage('close');
    await exit;
    await reader.close();
  }

  // Jobs that are asked for in one turn of the event loop are read, and so answered, together: their answers then leave one right
  // behind the other, which wakes a busy client once and not for each of them.
  let asked: { id: string; resolve(job: Promise<Job | null>): void }[] = [];
  function get(id: string): Promise<Job | null> {
    return new Promise((resolve) => {
      if (asked.push({ id, resolve }) === 1) setImmediate(answerAll);
    });
  }

  function answerAll(): void {
    const now = asked;
    asked = [];
    for (const { id, resolve } of now) resolve(reader.get(id));
  }

  const writes = Object.fromEntries(writeMethods.map((method) => [method, (...args: readonly unknown[]) => send(method, args)]));
  return {
    ...reader,
    get,
    // Each of these has the signature of the method of the same name, on the other side of the thread.
    ...(writes as unknown as Pick<SqliteJobStore, WriteMethod>),
    // What these methods answer on the other side.
    submit: async (submissions) =>
      (await send('submitPacked', [submissions.map((submission) => packed(submission, clock.now()))], {
        contents: submissions.flatMap(({ contents = [] }) => contents),
      })) as SubmitOutcome[],
    submitTogether: async (submissions, answer) =>
      (await send('submitPackedTogether', [await gather(submissions), answer])) as TogetherOutcome,
    change: async (change: JobChange) => (await send('change', [change], change)) as boolean,
    insertFile: async (file, answer, content) =>
      (await send('insertFile', [file, answer, content], { contents: content && [content] })) as boolean,
    writeDocuments: async (changes) =>
      ((await send('writePackedDocuments', [changes.map(packedChange)])) as PackedOutcome[]).map(outcomeOf),
    async check() {
      await reader.logEnd();
      await send('check', []);
    },
    close() {
      closing ??= close();
      return closing;
    },
  };
}

function refused({ code, detail, retryAfterSeconds, cause }: Extract<WriteReply, { refused: unknown }>['refused']): ServiceError {
  return new ServiceError(code, detail, { cause, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) });
}
