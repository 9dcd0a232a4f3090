import { ByteBudget } from '../../core/byte-budget.ts';
import { ServiceError } from '../../core/errors.ts';
import { limits } from '../../core/limits.ts';
import { wholeBody } from './request-body.ts';

/** Bodies, and fields of forms, that are held in memory while they come in: bounded for all requests together. */
export class HeldBodies {
  readonly #budget: ByteBudget;

  constructor(bytesMax: number = limits.heldBytesMax) {
    this.#budget = new ByteBudget(bytesMax);
  }

  /** Hands all of a body to `use`, and forgets it when that is done. Throws `overloaded`, and what the body throws. */
  async during<T>(body: AsyncIterable<Buffer>, use: (bytes: Buffer) => T | Promise<T>): Promise<T> {
    const share = this.share();
    try {
      return await use(await wholeBody(share.counted(body)));
    } finally {
      share.end();
    }
  }

  /** What one request holds, until it ends. */
  share(): HeldShare {
    return new HeldShare(this.#budget);
  }
}

export class HeldShare {
  readonly #budget: ByteBudget;
  #bytes = 0;

  constructor(budget: ByteBudget) {
    this.#budget = budget;
  }

  /** Throws `overloaded`. */
  take(bytes: number): void {
    if (!this.#budget.take(bytes)) {
      throw new ServiceError('overloaded', 'The bodies that are being read take all of the memory that there is for them.', {
        retryAfterSeconds: 1,
      });
    }
    this.#bytes += bytes;
  }

  async *counted(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of body) {
      this.take(chunk.length);
      yield chunk;
    }
  }

  end(): void {
    this.#budget.giveBack(this.#bytes);
    this.#bytes = 0;
  }
}
