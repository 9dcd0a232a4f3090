/** What a parser asks for next: a positive number of bytes to see, or a negative number of bytes to pass over unseen. */
export type Walk = Generator<number, void, Buffer>;

/** See the next `bytes` bytes (at most a few: they are kept in memory). */
export const take = (bytes: number): number => bytes;
/** Pass over the next `bytes` bytes. */
export const skip = (bytes: number): number => -bytes;

const nothing = Buffer.alloc(0);

/**
 * Drives a parser that is written as a generator over a stream that comes in chunks of any size: the parser reads like one
 * over a whole file, and memory holds no more than the bytes it last asked for. An error of the parser comes out of `write`.
 */
export class StreamWalker {
  readonly #walk: Walk;
  #wanted = 0;
  #held: Buffer = nothing;
  #done = false;

  constructor(walk: Walk) {
    this.#walk = walk;
    this.#advance(nothing);
  }

  write(chunk: Buffer): void {
    let at = 0;
    while (!this.#done && at < chunk.length) {
      if (this.#wanted < 0) {
        const passed = Math.min(-this.#wanted, chunk.length - at);
        at += passed;
        this.#wanted += passed;
        if (this.#wanted === 0) this.#advance(nothing);
        continue;
      }
      const missing = this.#wanted - this.#held.length;
      const part = chunk.subarray(at, at + missing);
      at += part.length;
      this.#held = this.#held.length === 0 ? part : Buffer.concat([this.#held, part]);
      if (this.#held.length === this.#wanted) this.#advance(this.#held);
    }
    // What is held across chunks must not pin the whole chunk that it is a part of.
    if (this.#held.length > 0) this.#held = Buffer.from(this.#held);
  }

  #advance(seen: Buffer): void {
    this.#held = nothing;
    let step = this.#walk.next(seen);
    while (!step.done && step.value === 0) step = this.#walk.next(nothing);
    this.#done = step.done === true;
    this.#wanted = step.done ? 0 : step.value;
  }
}
