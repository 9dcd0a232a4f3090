import type { Parameters as RunParameters } from 'fast-check';

/**
 * How often a property is tried, and with which seed. `COATCHECK_TEST_CASES` says how often; `COATCHECK_TEST_SEED` repeats a run:
 * without it there is one run with a fixed seed and one with a seed of the day's, which is printed.
 */
export function randomRuns(casesDefault: number): readonly (RunParameters<unknown> & { seed: number; numRuns: number })[] {
  const { COATCHECK_TEST_CASES: cases, COATCHECK_TEST_SEED: seed } = process.env;
  const seeds = seed === undefined ? [1, Date.now() & 0x7fffffff] : [Number(seed)];
  const numRuns = Math.ceil(Number(cases ?? casesDefault) / seeds.length);
  return seeds.map((each) => ({ seed: each, numRuns, endOnFailure: numRuns > 5_000 }));
}
