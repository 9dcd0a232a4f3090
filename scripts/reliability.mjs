/**
 * Runs the tests that measure promises and writes what they measured into `docs/reliability.md`.
 * `npm run reliability` runs all of them; `npm run reliability -- test/faults/kill.test.ts` only those, and keeps the other figures.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';

const promises = JSON.parse(readFileSync(new URL('../test/support/promises.json', import.meta.url), 'utf8'));
const page = new URL('../docs/reliability.md', import.meta.url);
const tests = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'coatcheck-figures-'));

const { status } = spawnSync('npx', ['vitest', 'run', ...(tests.length === 0 ? ['test'] : tests)], {
  stdio: 'inherit',
  env: { ...process.env, COATCHECK_FIGURES: folder },
});
const measured = readdirSync(folder)
  .flatMap((file) => readFileSync(join(folder, file), 'utf8').trimEnd().split('\n'))
  .map((line) => JSON.parse(line));
rmSync(folder, { recursive: true });
if (status !== 0) {
  console.error('A test failed: docs/reliability.md stays as it was.');
  process.exit(1);
}

/** The figures of the page as it is, by promise. */
function known() {
  const figures = new Map();
  for (const [, number, cell] of readFileSync(page, 'utf8').matchAll(/^\| (\d+) \| [^|]+ \| ([^|]+) \|$/gm)) {
    if (cell !== 'not measured') figures.set(Number(number), cell.split('<br>'));
  }
  return figures;
}

const figures = tests.length === 0 ? new Map() : known();
const today = new Date().toISOString().slice(0, 10);
for (const number of new Set(measured.map(({ promise }) => promise))) {
  const lines = measured
    .filter(({ promise }) => promise === number)
    .map(({ figure }) => `${figure.replaceAll('|', '/')} (${today})`);
  figures.set(number, lines);
}
const machine = `Node ${process.versions.node}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB`;
writeFileSync(
  page,
  `# What is promised, and what was measured

Made by \`npm run reliability\` from the run of the tests on the day beside each figure; do not edit. Last machine: ${machine}.
Beside the figure stands the least that a run tries; the variables in the heads of the tests in \`test/\` make it more.

| # | promise | measured |
| --- | --- | --- |
${Object.entries(promises)
  .map(([number, promise]) => `| ${number} | ${promise} | ${(figures.get(Number(number)) ?? ['not measured']).join('<br>')} |`)
  .join('\n')}
`,
);
