import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { number } from './table.mjs';

/** Of the page of promises: "Answers are right, and we say how right". */
const promise = 30;

/** Adds what a row measured to the folder that `npm run reliability -- --from FOLDER` reads. */
export function recordAccuracy(folder, row, figures) {
  mkdirSync(folder, { recursive: true });
  for (const { what, ours, peer } of figures) {
    const figure = `${what}: ${number(ours)}${peer === null ? '' : ` (${peer.name}: ${number(peer.value)})`}`;
    appendFileSync(join(folder, `${row}.jsonl`), `${JSON.stringify({ promise, figure, test: `bench/rows/${row}.mjs` })}\n`);
  }
}
