import type { Database } from 'better-sqlite3';
import { ServiceError } from '../../core/errors.ts';
import { databaseClosed, outage } from './database-error.ts';
import type { LogSync } from './log-sync.ts';

/** So many writes share a commit at most: it bounds how long one transaction holds up the event loop and other processes. */
const batchMax = 1_000;

/**
 * So many bytes of files share a commit at most. Uploads that come in together are told together, and come again together: with all
 * of them in one commit, who reads them waits for who commits them, in turns.
 */
const batchBytesMax = 768 * 1024;

/** Told of each transaction: how many writes shared it, and how long it took until it was on the disk. */
export type OnCommit = (writes: number, seconds: number) => void;

interface Write {
  /** Of the files that it stores. */
  readonly bytes: number;
  run(): void;
  resolve(): void;
  reject(error: unknown): void;
}

/** Writes of one transaction, and what became of them. */
interface Batch {
  readonly writes: readonly Write[];
  readonly begunAt: number;
  /** Whether there is anything to bring to the disk. */
  readonly changed: boolean;
  /** What those are rejected with that were undone, alone or all together. */
  readonly failed: Map<Write, unknown>;
}

export interface GroupCommitOptions {
  readonly mayWrite?: (() => void) | undefined;
  readonly onCommit?: OnCommit | undefined;
  /** What brings commits to the disk where the database does not do so itself. */
  readonly log?: LogSync | undefined;
}

/**
 * Commits all writes of one turn of the event loop in one transaction, so that they share one fsync. A write is a synchronous
 * function that may be run twice (the first run is then rolled back); one that throws is undone and rejected alone. Promises
 * settle when the commit is on the disk. If it fails, all of its writes are rejected.
 */
export class GroupCommit {
  readonly #database: Database;
  readonly #mayWrite: () => void;
  readonly #onCommit: OnCommit;
  readonly #statements;
  readonly #log: LogSync | undefined;
  #queue: Write[] = [];
  /** Those that no sync covers yet. */
  #committed: Batch[] = [];
  #syncing: Promise<void> | null = null;
  #scheduled: NodeJS.Immediate | null = null;
  #closed = false;

  /** `mayWrite` is asked before each commit, and throws what its writes are then rejected with. */
  constructor(database: Database, { mayWrite = () => {}, onCommit = () => {}, log }: GroupCommitOptions = {}) {
    this.#database = database;
    this.#mayWrite = mayWrite;
    this.#onCommit = onCommit;
    this.#log = log;
    this.#statements = {
      begin: database.prepare('BEGIN IMMEDIATE'),
      commit: database.prepare('COMMIT'),
      rollback: database.prepare('ROLLBACK'),
      mark: database.prepare('SAVEPOINT one'),
      keep: database.prepare('RELEASE one'),
      undo: database.prepare('ROLLBACK TO one'),
      changes: database.prepare<[], number>('SELECT total_changes()').pluck(),
    };
  }

  /** `bytes` tells how much of files it stores, as far as that is worth mentioning. */
  write<T>(action: () => T, bytes = 0): Promise<T> {
    if (this.#closed) return Promise.reject(databaseClosed());
    return new Promise((resolve, reject) => {
      let settle = (): void => {};
      const run = (): void => {
        const value = action();
        settle = () => resolve(value);
      };
      this.#queue.push({ bytes, run, resolve: () => settle(), reject });
      this.#scheduled ??= setImmediate(() => this.#flush());
    });
  }

  /** Commits what is queued; afterwards every write is refused. Resolves when all is on the disk. */
  async close(): Promise<void> {
    this.#closed = true;
    while (this.#queue.length > 0) this.#flush();
    while (this.#syncing !== null) await this.#syncing;
  }

  #flush(): void {
    // What was queued when the store closed has been committed.
    if (this.#queue.length === 0) return;
    const writes = this.#take();
    this.#scheduled = this.#queue.length > 0 ? setImmediate(() => this.#flush()) : null;
    const begunAt = performance.now();
    const before = this.#changes();
    try {
      this.#mayWrite();
      this.#log?.check();
      const failed = this.#commit(writes);
      this.#committed.push({ writes, begunAt, failed, changed: this.#changes() > before });
    } catch (error) {
      this.#rollback();
      const reason = outage(error) ?? error;
      this.#committed.push({ writes, begunAt, failed: new Map(writes.map((write) => [write, reason])), changed: false });
    }
    this.#sync();
  }

  #take(): Write[] {
    let bytes = 0;
    const last = this.#queue.findIndex((write) => {
      bytes += write.bytes;
      return bytes >= batchBytesMax;
    });
    return this.#queue.splice(0, last === -1 ? batchMax : Math.min(last + 1, batchMax));
  }

  #changes(): number {
    return this.#statements.changes.get() ?? 0;
  }

  /** Commits that come while one sync runs share the next. Also what changed nothing is told after it: it may tell of what they did. */
  #sync(): void {
    if (this.#committed.length === 0 || this.#syncing !== null) return;
    const covered = this.#committed;
    this.#committed = [];
    const log = this.#log;
    if (log === undefined || covered.every(({ changed }) => !changed)) {
      log?.skip();
      this.#tell(covered, null);
      return;
    }
    try {
      // Where the last sync has failed, the next one may succeed and yet leave a gap before what these have written.
      log.check();
    } catch (error) {
      this.#tell(covered, outage(error) ?? error);
      return;
    }
    this.#syncing = new Promise((resolve) => {
      log.sync((failure) => {
        this.#syncing = null;
        this.#tell(covered, failure);
        this.#sync();
        resolve();
      });
    });
  }

  #tell(batches: readonly Batch[], failure: unknown): void {
    for (const { writes, begunAt, failed } of batches) {
      if (failed.size < writes.length) this.#onCommit(writes.length, (performance.now() - begunAt) / 1000);
      for (const write of writes) {
        if (failure !== null) write.reject(failure);
        else if (failed.has(write)) write.reject(failed.get(write));
        else write.resolve();
      }
    }
  }

  /** What those threw that were undone alone. */
  #commit(writes: readonly Write[]): Map<Write, unknown> {
    return this.#commitTogether(writes) ? new Map() : this.#commitOneByOne(writes);
  }

  /** False, with nothing written, where a write threw: savepoints cost too much to be set in case. */
  #commitTogether(writes: readonly Write[]): boolean {
    this.#statements.begin.run();
    try {
      for (const write of writes) write.run();
    } catch (error) {
      if (isOutage(error)) throw error;
      this.#rollback();
      return false;
    }
    this.#log?.begin();
    this.#statements.commit.run();
    return true;
  }

  #commitOneByOne(writes: readonly Write[]): Map<Write, unknown> {
    const failed = new Map<Write, unknown>();
    this.#statements.begin.run();
    for (const write of writes) {
      this.#statements.mark.run();
      try {
        write.run();
      } catch (error) {
        if (isOutage(error) || !this.#database.inTransaction) throw error;
        this.#statements.undo.run();
        failed.set(write, error);
      }
      this.#statements.keep.run();
    }
    this.#log?.begin();
    this.#statements.commit.run();
    return failed;
  }

  #rollback(): void {
    // SQLite has rolled back by itself after some errors, a full disk among them.
    if (this.#database.inTransaction) this.#statements.rollback.run();
  }
}

/** A refusal that a write throws on purpose is its own affair; an outage is everyone's. */
function isOutage(error: unknown): boolean {
  return !(error instanceof ServiceError) && outage(error) !== null;
}
