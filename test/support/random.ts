/** Random numbers that a seed repeats: mulberry32, 32 bits of state. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 up to, but without, `end`; 0 where there is nothing below `end`. */
  below(end: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * Math.max(end, 0));
  }

  between(first: number, last: number): number {
    return first + this.below(last - first + 1);
  }

  pick<T>(from: readonly T[]): T {
    const chosen = from[this.below(from.length)];
    if (chosen === undefined) throw new Error('there is nothing to pick from');
    return chosen;
  }

  /** So many of them, each at most once, in an order of chance. */
  sample<T>(from: readonly T[], count: number): T[] {
    const left = [...from];
    return Array.from({ length: Math.min(count, left.length) }, () => left.splice(this.below(left.length), 1)).flat();
  }
}

/** `COATCHECK_TEST_SEED`, or the days since 1970: another one each day, the same for all who look on that day. */
export function rotatingSeed(): number {
  return Number(process.env.COATCHECK_TEST_SEED ?? Math.floor(Date.now() / 86_400_000));
}
