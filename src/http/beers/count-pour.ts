import type { Measures } from '../../ports/metrics.ts';
import type { Poured } from '../../ports/taps.ts';
import { publicError } from '../problem.ts';

type PourMeasures = Pick<Measures, 'pourEnded'>;

/** Counts what became of a pour, whichever way it came. One that meets an outage is not counted: it comes again. */
export async function countPour(measures: PourMeasures, pour: () => Promise<Poured>): Promise<Poured> {
  const poured = await countRefusal(measures, pour);
  measures.pourEnded(poured.isNew ? 'new' : 'repeat');
  return poured;
}

/** Counts a pour that can never be taken, and throws what it is refused with. */
export async function countRefusal<T>(measures: PourMeasures, take: () => Promise<T>): Promise<T> {
  try {
    return await take();
  } catch (error) {
    const { kind, retryable } = publicError(error);
    if (kind.status < 500 && !retryable) measures.pourEnded('refused');
    throw error;
  }
}
