/**
 * Runs the tests that measure promises and writes what they measured into `docs/reliability.md`.
 * `npm run reliability` runs all of them; `npm run reliability -- test/faults/kill.test.ts` only those, and keeps the other figures;
 * `npm run reliability -- --from FOLDER` runs none and takes what runs of tests and benches with `COATCHECK_FIGURES=FOLDER` have left
 * there.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const promises = JSON.parse(readFileSync(new URL('../test/support/promises.json', import.meta.url), 'utf8'));
const page = new URL('../docs/reliability.md', import.meta.url);
const { values, positionals: tests } = parseArgs({ allowPositionals: true, options: { from: { type: 'string' } } });
const isWhole = values.from === undefined && tests.length === 0;
const folder = values.from ?? mkdtempSync(join(tmpdir(), 'coatcheck-figures-'));

const status = values.from === undefined ? runTests() : 0;
const measured = readdirSync(folder)
  .flatMap((file) => readFileSync(join(folder, file), 'utf8').trimEnd().split('\n'))
  .map((line) => JSON.parse(line));
if (values.from === undefined) rmSync(folder, { recursive: true });
if (status !== 0) {
  console.error('A test failed: docs/reliability.md stays as it was.');
  process.exit(1);
}

function runTests() {
  const { status } = spawnSync('npx', ['vitest', 'run', ...(isWhole ? ['test'] : tests)], {
    stdio: 'inherit',
    env: { ...process.env, COATCHECK_FIGURES: folder },
  });
  return status;
}

/** The test that a line of the page comes from. */
function testOf(line) {
  return /`([^`]+)`\)$/.exec(line)?.[1] ?? '';
}

/** The lines that pass; promises of which none does are left out. */
function only(figures, passes) {
  return new Map([...figures].map(([number, lines]) => [number, lines.filter(passes)]).filter(([, lines]) => lines.length > 0));
}

/** The figures of the page as it is, by promise. */
function known() {
  const figures = new Map();
  for (const [, number, cell] of readFileSync(page, 'utf8').matchAll(/^\| (\d+) \| [^|]+ \| ([^|]+) \|$/gm)) {
    if (cell !== 'not measured') figures.set(Number(number), cell.split('<br>'));
  }
  return figures;
}

// What the benches told is not of the tests.
const figures = isWhole ? only(known(), (line) => testOf(line).startsWith('bench/')) : known();
const today = new Date().toISOString().slice(0, 10);
const tried = new Set(measured.map(({ test }) => test));
for (const number of new Set(measured.map(({ promise }) => promise))) {
  const kept = (figures.get(number) ?? []).filter((line) => !tried.has(testOf(line)));
  const fresh = measured
    .filter(({ promise }) => promise === number)
    .map(({ figure, test }) => `${figure.replaceAll('|', '/')} (${today}, \`${test}\`)`);
  figures.set(
    number,
    [...new Set([...kept, ...fresh])].sort((one, other) => testOf(one).localeCompare(testOf(other))),
  );
}
const machine = `Node ${process.versions.node}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB`;
writeFileSync(
  page,
  `# What is promised, and what was measured

Made by \`npm run reliability\` from the run of the tests on the day beside each figure; do not edit. Last machine: ${machine}.
\`npm run reliability -- FILE\` measures anew what the test in that file tells; the variables in its head make it try more than in every run.

| # | promise | measured |
| --- | --- | --- |
${Object.entries(promises)
  .map(([number, promise]) => `| ${number} | ${promise} | ${(figures.get(Number(number)) ?? ['not measured']).join('<br>')} |`)
  .join('\n')}
`,
);
