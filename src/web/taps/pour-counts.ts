/** How much of the past the chart shows, and in which steps. */
export const spanMs = 600_000;
export const stepMs = 10_000;

/** Where a step begins, in ms since 1970; steps begin at whole tens of seconds for everybody. */
export function stepOf(at: number): number {
  return Math.floor(at / stepMs) * stepMs;
}

/**
 * How many beers were poured in each step of the last minutes, as the server counts them. Events only tell which steps have to be
 * counted anew: what was missed, comes late or twice, or was deleted, cannot make a count wrong.
 */
export class PourCounts {
  readonly #known = new Map<number, number>();
  readonly #stale = new Set<number>();

  /** Something happened to a beer that was poured at `at`. */
  touch(at: number): void {
    this.#stale.add(stepOf(at));
  }

  /** Nothing that is known need be right any more. */
  touchAll(): void {
    for (const step of this.#known.keys()) this.#stale.add(step);
  }

  /** The steps of the shown time that have to be counted, oldest first. */
  wanted(now: number): number[] {
    return stepsUntil(now).filter((step) => this.#stale.has(step) || !this.#known.has(step));
  }

  /** To be called before the server is asked: what happens while it counts has to be counted once more. */
  asked(steps: readonly number[]): void {
    for (const step of steps) this.#stale.delete(step);
  }

  failed(steps: readonly number[]): void {
    for (const step of steps) this.#stale.add(step);
  }

  counted(step: number, count: number): void {
    this.#known.set(step, count);
  }

  /** Null where nothing is known. What lies before the shown time is forgotten. */
  shown(now: number): { readonly at: number; readonly value: number | null }[] {
    const steps = stepsUntil(now);
    const [first = 0] = steps;
    for (const kept of [this.#known, this.#stale]) for (const step of kept.keys()) if (step < first) kept.delete(step);
    return steps.map((step) => ({ at: step, value: this.#known.get(step) ?? null }));
  }
}

function stepsUntil(now: number): number[] {
  const last = stepOf(now);
  return Array.from({ length: spanMs / stepMs }, (_, at) => last - spanMs + (at + 1) * stepMs);
}
