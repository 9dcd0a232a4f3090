import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Database } from 'better-sqlite3';
import { compiledUrl } from '../../core/compiled-url.ts';
import { ServiceError } from '../../core/errors.ts';

/** Makes commits survive a power failure that do not see to it themselves. */
export interface LogSync {
  /** To be asked before a commit; throws while an earlier one is not on the disk. */
  check(): void;
  /** Told once all that was committed before the call is on the disk, or cannot be brought there. One at a time. */
  sync(done: (failure: ServiceError | null) => void): void;
  close(): Promise<void>;
}

/**
 * Syncs the write-ahead log of a database in a thread of its own, which the connection then need not do in each commit: the next
 * one is written meanwhile. SQLite sees to the order of its files (`synchronous = NORMAL`): a power failure takes back the
 * newest commits at most, and those have not been told to anybody.
 */
export function logSync(database: Database): LogSync {
  database.exec('PRAGMA synchronous = NORMAL');
  const thread = new Worker(compiledUrl('./sync-thread.ts', import.meta.url), { workerData: `${database.name}-wal` });
  const bringHome = database.prepare<[], { busy: number }>('PRAGMA wal_checkpoint(RESTART)');
  let waiting: ((failure: ServiceError | null) => void) | null = null;
  let isSound = true;

  thread.on('message', (error: unknown) => {
    const done = waiting;
    waiting = null;
    if (error !== null) isSound = false;
    done?.(error === null ? null : unsynced(error));
  });

  return {
    check() {
      if (isSound) return;
      // After a sync that failed the next one may say that all is well, though the bytes are lost. So all that lies in the log is
      // written again, into the database itself.
      if (bringHome.get()?.busy !== 0) throw unsynced();
      isSound = true;
    },
    sync(done) {
      waiting = done;
      thread.postMessage(null);
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
