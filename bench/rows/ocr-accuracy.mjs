/** How right the text of real scans is, against the bare engine on the same files: only where `../shared` lies beside the project. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startChild, startServer } from '../support/children.mjs';
import { ratioFigure } from '../support/figures.mjs';
import { median } from '../support/statistics.mjs';
import { hasProgram } from './ocr-speed.mjs';

const shared = new URL('../../../shared/', import.meta.url);
const types = { '.png': 'png', '.jpg': 'jpeg', '.tif': 'tiff', '.bmp': 'bmp', '.gif': 'gif', '.webp': 'webp' };
/** Files in languages that are not installed everywhere tell nothing. */
const isForeign = ({ tags }) => tags.some((tag) => /^lang:(?!nld)/.test(tag));

const kinds = {
  'all files': () => true,
  'clean files': ({ tags }) => !isTurned(tags) && !tags.includes('noisy'),
  'turned files': ({ tags }) => isTurned(tags),
  'noisy files': ({ tags }) => tags.includes('noisy'),
};
const isTurned = (tags) => tags.some((tag) => /rotated|orientation|skew/.test(tag));

export async function measure({ folder, using, quick }) {
  if (!existsSync(new URL('corpora/ocr/manifest.json', shared))) return [];
  const measures = await import(new URL('tools/measure.mjs', shared).href);
  const { items } = JSON.parse(await readFile(new URL('corpora/ocr/manifest.json', shared), 'utf8'));
  const files = items
    .filter((item) => typeof item.truth === 'string' && Object.hasOwn(types, extname(item.file)) && !isForeign(item))
    .slice(0, quick ? 4 : undefined)
    .map((item) => ({ ...item, path: fileURLToPath(new URL(`corpora/${item.file}`, shared)) }));
  const figures = [];
  for (const engine of hasProgram() ? ['program', 'js'] : ['js']) {
    const server = await using(startServer(await folder(), ['--workers', '2', '--ocr-engine', engine]));
    const bare = await using(startChild(`peers/tesseract-${engine}.mjs`, {}));
    const theirs = (await bare.ask({ paths: files.map(({ path }) => path) })).answer.texts;
    const ours = [];
    for (const file of files) ours.push(await read(server.url, file));
    figures.push(...compare(measures, engine, files, ours, theirs));
    await Promise.all([server.stop(), bare.stop()]);
  }
  return figures;
}

async function read(url, { path, file }) {
  const headers = { 'content-type': `image/${types[extname(file)]}`, prefer: 'wait=60' };
  const response = await fetch(`${url}/v1/ocr`, { method: 'POST', headers, body: await readFile(path) });
  const job = await response.json();
  if (job.state !== 'succeeded') throw new Error(`${file}: ${job.state} ${JSON.stringify(job.error ?? job)}`);
  return job.result.text;
}

function compare({ wordRecall, characterErrorRate }, engine, files, ours, theirs) {
  const name = engine === 'program' ? 'the tesseract program' : 'tesseract.js';
  return Object.entries(kinds).flatMap(([kind, belongs]) => {
    const chosen = files.flatMap((file, at) => (belongs(file) ? [at] : []));
    if (chosen.length === 0) return [];
    const recall = (texts) => mean(chosen.map((at) => wordRecall(files[at].truth, texts[at])));
    const right = (texts) => 1 - median(chosen.map((at) => characterErrorRate(files[at].truth, texts[at])));
    const figure = (what, by) => {
      const measured = { ours: by(ours), peer: by(theirs), ratio: by(ours) / by(theirs), ratios: [by(ours) / by(theirs)] };
      return ratioFigure({
        what: `${what}, ${chosen.length} ${kind}`,
        peer: `${name} alone`,
        unit: 'share',
        measured,
        atLeast: 1,
      });
    };
    return [figure('words found', recall), figure('characters right (median)', right)];
  });
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
