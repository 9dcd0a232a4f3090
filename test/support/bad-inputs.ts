import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/** One bad input, and the answer that is promised for it. */
export interface BadInput {
  /** Its row in the list of bad inputs beside the project. */
  readonly row: number;
  readonly input: string;
  readonly status: number;
  /** The slug of the problem, of the answer or of the job that failed; null where none is promised. */
  readonly problem: string | null;
}

/** A row, or a part of it, that cannot be tried because what it is about is not there yet. */
export interface WaitingInput {
  readonly row: number;
  readonly input: string;
  readonly waitsFor: string;
}

interface ListedInput {
  readonly n: number;
  readonly area: string;
  readonly input: string;
}

const list = new URL('../../../shared/corpora/bad_inputs.json', import.meta.url);

/** Where the list of bad inputs lies beside the project: every row of the area is tried by `tried`, or told aloud to be waiting. */
export function expectEveryRow(
  area: string,
  tried: readonly Pick<BadInput, 'row'>[],
  waiting: readonly WaitingInput[] = [],
): void {
  for (const { row, input, waitsFor } of waiting)
    console.warn(`NOT TRIED: row ${row} (${area}), ${input}: waits for ${waitsFor}`);
  test.skipIf(!existsSync(list))(`every bad input of the list's area "${area}" is tried`, () => {
    const listed = (JSON.parse(readFileSync(list, 'utf8')) as ListedInput[]).filter((row) => row.area === area);
    const numbers = new Set([...tried, ...waiting].map(({ row }) => row));
    expect(listed.filter(({ n }) => !numbers.has(n)).map(({ n, input }) => `${n}: ${input}`)).toEqual([]);
  });
}
