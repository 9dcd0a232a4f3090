import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Database } from 'better-sqlite3';
import { compiledUrl } from '../../core/compiled-url.ts';
import { ServiceError } from '../../core/errors.ts';
import { CommitCount } from './commit-count.ts';

/** Makes commits survive a power failure that do not see to it themselves. */
export interface LogSync {
  /** To be asked before a transaction and before a sync: mends what a sync that failed has left, or throws. */
  check(): void;
  /** To be told right before each commit: from then on readers may see what it writes. */
  begin(): void;
  /** Told once all that was committed before the call is on the disk, or cannot be brought there. One at a time. */
  sync(done: (failure: ServiceError | null) => void): void;
  /** In place of a sync where no commit since the last one has written anything. */
  skip(): void;
  close(): Promise<void>;
}

/**
 * Syncs the write-ahead log of a database in a thread of its own, which the connection then need not do in each commit: the next
 * one is written meanwhile. SQLite sees to the order of its files (`synchronous = NORMAL`): a power failure takes back the
 * newest commits at most, and those have not been told to anybody. `counted` is the shared memory of a {@link CommitCount}.
 */
export function logSync(database: Database, counted: SharedArrayBuffer): LogSync {
  const count = new CommitCount(counted);
  database.exec('PRAGMA synchronous = NORMAL');
  const thread = new Worker(compiledUrl('./sync-thread.ts', import.meta.url), { workerData: `${database.name}-wal` });
  const bringHome = database.prepare<[], { busy: number }>('PRAGMA wal_checkpoint(RESTART)');
  let waiting: { readonly begun: bigint; done(failure: ServiceError | null): void } | null = null;
  let isSound = true;

  thread.on('message', (error: unknown) => {
    const covered = waiting;
    waiting = null;
    if (covered === null) return;
    if (error === null) count.synced = covered.begun;
    else isSound = false;
    covered.done(error === null ? null : unsynced(error));
  });

  return {
    check() {
      if (isSound) return;
      // After a sync that failed the next one may say that all is well, though the bytes are lost. So all that lies in the log is
      // written again, into the database itself.
      if (bringHome.get()?.busy !== 0) throw unsynced();
      isSound = true;
      count.synced = count.begun;
    },
    begin() {
      count.begun += 1n;
    },
    sync(done) {
      waiting = { begun: count.begun, done };
      thread.postMessage(null);
    },
    skip() {
      if (isSound) count.synced = count.begun;
    },
    async close() {
      const exit = once(thread, 'exit');
      await thread.terminate();
      await exit;
    },
  };
}

function unsynced(cause?: unknown): ServiceError {
  return new ServiceError('service-unavailable', 'The disk of the database does not take what is written to it.', {
    cause,
    retryAfterSeconds: 5,
  });
}
