import type { Database } from 'better-sqlite3';

/**
 * Lets the reads of one turn of the event loop share a transaction: taking the locks of the file and leaving them costs more
 * than a read by its key. For a connection that only reads.
 */
export class SharedReads {
  readonly #database: Database;
  readonly #begin;
  readonly #commit;
  /** Resolves once every commit that a read may have seen is on the disk, rejects where it cannot be brought there; undefined where that is so already. */
  readonly settled: () => Promise<void> | undefined;
  #end: NodeJS.Immediate | null = null;

  constructor(database: Database, settled: () => Promise<void> | undefined) {
    this.#database = database;
    this.settled = settled;
    this.#begin = database.prepare('BEGIN');
    this.#commit = database.prepare('COMMIT');
  }

  /** To be called before each read. */
  enter(): void {
    if (this.#end !== null) return;
    this.#begin.run();
    this.#end = setImmediate(() => this.leave());
  }

  /** The next read sees what has been committed since: to be called when that is known to be more. */
  leave(): void {
    if (this.#end === null) return;
    clearImmediate(this.#end);
    this.#end = null;
    // SQLite ends a transaction by itself where a read of the disk fails.
    if (this.#database.inTransaction) this.#commit.run();
  }
}
