import type { Database } from 'better-sqlite3';
import { ServiceError } from '../../core/errors.ts';
import { databaseClosed, outage } from './database-error.ts';

/** So many writes share a commit at most: it bounds how long one transaction holds up the event loop and other processes. */
const batchMax = 1_000;

/** Told of each transaction: how many writes shared it, and how long it took. */
export type OnCommit = (writes: number, seconds: number) => void;

interface Write {
  run(): void;
  resolve(): void;
  reject(error: unknown): void;
}

export interface GroupCommitOptions {
  readonly mayWrite?: (() => void) | undefined;
  readonly onCommit?: OnCommit | undefined;
}

/**
 * Commits all writes of one turn of the event loop in one transaction, so that they share one fsync. A write is a synchronous
 * function that may be run twice (the first run is then rolled back); one that throws is undone and rejected alone. Promises
 * settle after the commit. If the commit fails, all of its writes are rejected.
 */
export class GroupCommit {
  readonly #database: Database;
  readonly #mayWrite: () => void;
  readonly #onCommit: OnCommit;
  readonly #statements;
  #queue: Write[] = [];
  #scheduled: NodeJS.Immediate | null = null;
  #closed = false;

  /** `mayWrite` is asked before each commit, and throws what its writes are then rejected with. */
  constructor(database: Database, { mayWrite = () => {}, onCommit = () => {} }: GroupCommitOptions = {}) {
    this.#database = database;
    this.#mayWrite = mayWrite;
    this.#onCommit = onCommit;
    this.#statements = {
      begin: database.prepare('BEGIN IMMEDIATE'),
      commit: database.prepare('COMMIT'),
      rollback: database.prepare('ROLLBACK'),
      mark: database.prepare('SAVEPOINT one'),
      keep: database.prepare('RELEASE one'),
      undo: database.prepare('ROLLBACK TO one'),
    };
  }

  write<T>(action: () => T): Promise<T> {
    if (this.#closed) return Promise.reject(databaseClosed());
    return new Promise((resolve, reject) => {
      let settle = (): void => {};
      const run = (): void => {
        const value = action();
        settle = () => resolve(value);
      };
      this.#queue.push({ run, resolve: () => settle(), reject });
      this.#scheduled ??= setImmediate(() => this.#flush());
    });
  }

  /** Commits what is queued; afterwards every write is refused. */
  close(): void {
    this.#closed = true;
    while (this.#queue.length > 0) this.#flush();
    if (this.#scheduled !== null) clearImmediate(this.#scheduled);
  }

  #flush(): void {
    const batch = this.#queue.splice(0, batchMax);
    this.#scheduled = this.#queue.length > 0 ? setImmediate(() => this.#flush()) : null;
    const begunAt = performance.now();
    try {
      this.#mayWrite();
      if (!this.#commitTogether(batch)) this.#commitOneByOne(batch);
      this.#onCommit(batch.length, (performance.now() - begunAt) / 1000);
    } catch (error) {
      this.#rollback();
      for (const write of batch) write.reject(outage(error) ?? error);
    }
  }

  /** False, with nothing written, where one of several writes threw: savepoints cost too much to be set in case. */
  #commitTogether(batch: readonly Write[]): boolean {
    this.#statements.begin.run();
    try {
      for (const write of batch) write.run();
    } catch (error) {
      if (batch.length === 1 || isOutage(error)) throw error;
      this.#rollback();
      return false;
    }
    this.#statements.commit.run();
    for (const write of batch) write.resolve();
    return true;
  }

  #commitOneByOne(batch: readonly Write[]): void {
    const failed = new Map<Write, unknown>();
    this.#statements.begin.run();
    for (const write of batch) {
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
    this.#statements.commit.run();
    for (const write of batch) {
      if (failed.has(write)) write.reject(failed.get(write));
      else write.resolve();
    }
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
