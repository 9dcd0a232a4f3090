/** How many bytes of shared memory a {@link CommitCount} takes. */
export const commitCountBytes = 16;

/** How far the commits of one thread have come, for the threads that read what it writes. Only the thread that commits sets it. */
export class CommitCount {
  readonly #counts: BigInt64Array;

  constructor(memory: SharedArrayBuffer) {
    this.#counts = new BigInt64Array(memory);
  }

  /** Commits that readers may see. */
  get begun(): bigint {
    return Atomics.load(this.#counts, 0);
  }

  set begun(count: bigint) {
    Atomics.store(this.#counts, 0, count);
  }

  /** So many of them are on the disk, or came to nothing. */
  get synced(): bigint {
    return Atomics.load(this.#counts, 1);
  }

  set synced(count: bigint) {
    Atomics.store(this.#counts, 1, count);
  }
}
