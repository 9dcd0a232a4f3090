/** Starts are noted in stretches of about this length. */
const stretchMs = 100;
/** So much of the past is looked at: this time, and in a slow queue so many starts. */
const pastMs = 3_000;
const pastStarts = 8;
const stretchesMax = 64;

interface Stretch {
  starts: number;
  ms: number;
}

/**
 * Tells how quickly a queue drains, from its starts. Only the time in which jobs waited counts: what is started while nothing
 * waits tells how much came in, not how much could be done.
 */
export class DrainRate {
  /** Newest last. */
  readonly #stretches: Stretch[] = [];
  /** When the last job was started, if others went on waiting then. */
  #since: number | null = null;

  started(now: number, othersWait: boolean): void {
    if (this.#since !== null) this.#note(Math.max(0, now - this.#since));
    this.#since = othersWait ? now : null;
  }

  /** Nothing waits any more, or nothing shall be started: the time until the next start tells nothing. */
  interrupted(): void {
    this.#since = null;
  }

  /** Starts in a millisecond while jobs wait, or null while that is not known. A queue that stands still gets slower with time. */
  perMs(now: number): number | null {
    let ms = this.#since === null ? 0 : Math.max(0, now - this.#since);
    let starts = 0;
    for (let at = this.#stretches.length - 1; at >= 0 && (ms < pastMs || starts < pastStarts); at -= 1) {
      starts += this.#stretches[at]?.starts ?? 0;
      ms += this.#stretches[at]?.ms ?? 0;
    }
    return starts === 0 || ms === 0 ? null : starts / ms;
  }

  #note(gapMs: number): void {
    const last = this.#stretches.at(-1);
    if (last !== undefined && last.ms + gapMs <= stretchMs) {
      last.starts += 1;
      last.ms += gapMs;
      return;
    }
    this.#stretches.push({ starts: 1, ms: gapMs });
    if (this.#stretches.length > stretchesMax) this.#stretches.shift();
  }
}
