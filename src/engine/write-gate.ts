import { ServiceError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';

/**
 * Lets in what clients begin, as long as not too many wait for the store: the rest is refused at once, as it would wait longer
 * than it takes to come again. What is under way already, and what ends it, does not pass here.
 */
export class WriteGate {
  readonly #max: number;
  #underWay = 0;

  constructor(max: number = limits.writesWaitingMax) {
    this.#max = max;
  }

  /** Throws `overloaded`. */
  async during<T>(write: () => Promise<T>): Promise<T> {
    if (this.#underWay >= this.#max) {
      throw new ServiceError('overloaded', `${this.#max} requests wait for the store, which is the limit.`, {
        retryAfterSeconds: 1,
      });
    }
    this.#underWay += 1;
    try {
      return await write();
    } finally {
      this.#underWay -= 1;
    }
  }
}
