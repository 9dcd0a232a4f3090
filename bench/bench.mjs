/** Measures Coatcheck against bare engines and peers and prints one table. See README.md. */
import { parseArgs } from 'node:util';
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
  'idle-start',
  'memory',
  'live-fanout',
  'beers',
  'beers-fanout',
  'beers-many',
  'ocr-speed',
  'ocr-accuracy',
  'tables-accuracy',
];

const { values } = parseArgs({
  options: { only: { type: 'string', multiple: true }, json: { type: 'boolean' }, quick: { type: 'boolean' } },
});
const unknown = values.only?.filter((name) => !rows.includes(name)) ?? [];
if (unknown.length > 0) {
  console.error(`There is no row ${unknown.join(', ')}; there is ${rows.join(', ')}.`);
  process.exit(2);
}

const figures = [];
for (const name of values.only ?? rows) {
  console.error(`measuring ${name} …`);
  const { measure } = await import(`./rows/${name}.mjs`);
  figures.push(...(await withWorkspace((workspace) => measure({ ...workspace, quick: values.quick === true }))));
}
console.log(values.json ? JSON.stringify(figures, null, 2) : table(figures));
process.exitCode = values.quick || figures.every(({ met }) => met) ? 0 : 1;
