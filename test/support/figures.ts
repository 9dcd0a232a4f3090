import { appendFileSync, mkdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect } from 'vitest';
import promises from './promises.json' with { type: 'json' };

type NumberOf<Key> = Key extends `${infer Digits extends number}` ? Digits : never;
/** A promise of `docs/reliability.md`, by its number there. */
export type PromiseNumber = NumberOf<keyof typeof promises>;

/**
 * Tells what a test measured: on the console, and, where `COATCHECK_FIGURES` names a folder (`npm run reliability`), as a line of
 * a file there, from which `docs/reliability.md` is made.
 * @param figure what was measured, with its unit and of how many: `lost 0 of 5,000 acknowledged, 51 kills`
 */
export function recordFigure(promise: PromiseNumber, figure: string): void {
  console.log(`${promises[`${promise}`]}: ${figure}`);
  const folder = process.env.COATCHECK_FIGURES;
  if (folder === undefined) return;
  const test = relative(process.cwd(), expect.getState().testPath ?? '');
  mkdirSync(folder, { recursive: true });
  appendFileSync(join(folder, `${process.pid}.jsonl`), `${JSON.stringify({ promise, figure, test })}\n`);
}
