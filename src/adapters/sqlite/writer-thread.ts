import { parentPort, workerData } from 'node:worker_threads';
import Sqlite from 'better-sqlite3';
import { ServiceError } from '../../core/errors.ts';
import type { OnCommit } from './group-commit.ts';
import { openSqliteJobStore } from './job-store.ts';
import type { PackedSubmission } from './packed-submission.ts';
import type { WriteCall, WriteReply, WriteRequest, WriterData, WriteSlice } from './write-calls.ts';

/** The thread that commits. While it waits for the disk, the next calls gather and will share a transaction. */
if (parentPort !== null) serve(parentPort);

function serve(port: NonNullable<typeof parentPort>): void {
  // There is one clock, that of the side that asks.
  let now = 0;
  const after = () => {
    throw new Error('the writer sets no timers');
  };
  // Its writes are answered right after it: it travels with them.
  const onCommit: OnCommit = (writes, seconds) => void commits.push({ commit: { writes, seconds } });
  const clock = { now: () => now, after };
  const store = opened({ ...(workerData as WriterData), clock, onCommit });
  const gathered = new Map<unknown, PackedSubmission[]>();
  let replies: WriteReply[] = [];
  let commits: WriteReply[] = [];

  /** The answers of one commit go back as one message: a message a job would cost more than the job. */
  function reply(one: WriteReply): void {
    if (replies.push(one) > 1) return;
    process.nextTick(() => {
      port.postMessage([...replies, ...commits]);
      replies = [];
      commits = [];
    });
  }

  async function run({ call, method, args }: WriteCall): Promise<void> {
    try {
      // Arguments and method come from the same call of the port on the other side, which the compiler has checked.
      const action = store[method] as (...args: readonly unknown[]) => Promise<unknown>;
      reply({ call, value: await action(...(method === 'submitPackedTogether' ? withGathered(args) : args)) });
    } catch (error) {
      reply(error instanceof ServiceError ? { call, refused: refusal(error) } : { call, error });
    }
  }

  function gather({ gathering, submissions }: WriteSlice): void {
    const before = gathered.get(gathering);
    if (before === undefined) gathered.set(gathering, [...submissions]);
    else before.push(...submissions);
  }

  function withGathered([gathering, ...others]: readonly unknown[]): unknown[] {
    const submissions = gathered.get(gathering) ?? [];
    gathered.delete(gathering);
    return [submissions, ...others];
  }

  port.on('message', (request: WriteRequest | WriteSlice | 'close') => {
    // The last answers go out first.
    if (request === 'close') return void store.close().then(() => setImmediate(() => port.close()));
    if ('gathering' in request) return gather(request);
    now = request.now;
    for (const call of request.calls) void run(call);
  });
  port.postMessage([]);
}

/** Throws errors that arrive on the other side: of those of SQLite only the code would, without a word. */
function opened(options: Parameters<typeof openSqliteJobStore>[0]): ReturnType<typeof openSqliteJobStore> {
  try {
    return openSqliteJobStore(options);
  } catch (error) {
    throw error instanceof Sqlite.SqliteError ? Object.assign(new Error(error.message), { code: error.code }) : error;
  }
}

function refusal({ code, message, retryAfterSeconds, cause }: ServiceError) {
  return { code, detail: message, retryAfterSeconds, cause };
}
