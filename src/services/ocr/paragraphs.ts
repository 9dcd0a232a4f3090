import type { ReadLine } from '../../media/ocr-engine.ts';

/** The lines with the number that each has in its paragraph. */
export function* eachLine(
  lines: readonly ReadLine[],
): Generator<{ line: ReadLine; block: number; paragraph: number; number: number }> {
  let number = 0;
  let before: ReadLine | undefined;
  for (const line of lines) {
    const { block, paragraph } = line;
    number = before !== undefined && before.block === block && before.paragraph === paragraph ? number + 1 : 1;
    before = line;
    yield { line, block, paragraph, number };
  }
}
