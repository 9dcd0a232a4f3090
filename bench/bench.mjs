/** Measures Coatcheck against bare engines and peers and prints one table. See README.md. */
import { parseArgs } from 'node:util';
import { recordAccuracy } from './support/record-accuracy.mjs';
import { table } from './support/table.mjs';
import { withWorkspace } from './support/workspace.mjs';

const rows = [
  'thumbnails',
  'thumbnailify',
  'read-job',
  'durable-upload',
  'durable-json',
  'batch-submit',
  'noop-jobs',
  'claim',
  'documents',
  'idle-start',
  'memory',
  'live-fanout',
  'beers',
  'beers-fanout',
  'beers-many',
  'ocr-speed',
  'ocr-accuracy',
  'tables-accuracy',
  'classifications',
  'classifications-memory',
  'classifications-accuracy',
  'pdf-text',
  'pdf-memory',
];

const { values } = parseArgs({
  options: { only: { type: 'string', multiple: true }, json: { type: 'boolean' }, quick: { type: 'boolean' } },
});
const unknown = values.only?.filter((name) => !rows.includes(name)) ?? [];
if (unknown.length > 0) {
  console.error(`There is no row ${unknown.join(', ')}; there is ${rows.join(', ')}.`);
  process.exit(2);
}

// A server refuses variables that it does not know.
const folder = process.env.COATCHECK_FIGURES;
delete process.env.COATCHECK_FIGURES;
const figures = [];
for (const name of values.only ?? rows) {
  console.error(`measuring ${name} …`);
  const { measure } = await import(`./rows/${name}.mjs`);
  const measured = await withWorkspace((workspace) => measure({ ...workspace, quick: values.quick === true }));
  if (folder !== undefined && name.endsWith('-accuracy')) recordAccuracy(folder, name, measured);
  figures.push(...measured);
}
console.log(values.json ? JSON.stringify(figures, null, 2) : table(figures));
process.exitCode = values.quick || figures.every(({ met }) => met) ? 0 : 1;
