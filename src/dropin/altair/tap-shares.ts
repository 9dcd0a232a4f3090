import type { TapCount } from '../../core/beer.ts';

/** A report is told whenever there are a multiple of this many beers after a change, and so also when there are none. */
const reportEach = 10;

/** How many beers of each tap there are, kept up to date by what happens: nothing is counted anew for a report. */
export class TapShares {
  readonly #beers: Map<number, number>;
  #total: number;

  constructor(counts: readonly TapCount[]) {
    this.#beers = new Map(counts.map(({ tapId, beers }) => [tapId, beers]));
    this.#total = counts.reduce((sum, { beers }) => sum + beers, 0);
  }

  /** One beer more or less of a tap. */
  change(tapId: number, by: 1 | -1): void {
    const beers = (this.#beers.get(tapId) ?? 0) + by;
    if (beers > 0) this.#beers.set(tapId, beers);
    else this.#beers.delete(tapId);
    this.#total += by;
  }

  get isReportDue(): boolean {
    return this.#total % reportEach === 0;
  }

  /** As Python wrote it as JSON: the taps in the order of their first beers. */
  report(): string {
    const taps = [...this.#beers].map(([tapId, beers]) => `"tap ${tapId}": "${percent(beers / this.#total)}"`);
    return `{${[...taps, `"total beers": ${this.#total}`].join(', ')}}`;
  }
}

/** As Python's `round(…, 2)` reads: halves go to the even digit, whole numbers have a zero behind the point. */
function percent(share: number): string {
  const hundredths = share * 10_000;
  const up = Math.round(hundredths);
  const isHalf = up - hundredths === 0.5;
  const value = (isHalf && up % 2 !== 0 ? up - 1 : up) / 100;
  return `${Number.isInteger(value) ? value.toFixed(1) : value}%`;
}
