/** How right the tables of real PDFs are, against lines of `pdftotext -layout` split at wide gaps: only where `../shared` lies beside the project. */
import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startServer } from '../support/children.mjs';
import { ratioFigure } from '../support/figures.mjs';

const run = promisify(execFile);
const shared = new URL('../../../shared/', import.meta.url);
/** What splitting at wide gaps reaches; to be beaten by so much that the mean is 0.88. */
const atLeast = 0.88 / 0.741;

export async function measure({ folder, using, quick }) {
  if (!existsSync(new URL('corpora/pdf/manifest.json', shared)) || spawnSync('pdftotext', ['-v']).error !== undefined) return [];
  const { relationF1 } = await import(new URL('tools/measure.mjs', shared).href);
  const { items } = JSON.parse(await readFile(new URL('corpora/pdf/manifest.json', shared), 'utf8'));
  const files = items.filter(({ truth }) => (truth?.tables?.length ?? 0) > 0).slice(0, quick ? 4 : undefined);
  const server = await using(startServer(await folder(), ['--workers', '2']));
  const scores = [];
  for (const { file, truth } of files) {
    const path = fileURLToPath(new URL(`corpora/${file}`, shared));
    const pages = new Set(truth.tables.map(({ page }) => page));
    const score = async (tables) => relationF1(truth.tables, await tables, pages);
    const [ours, peer] = [await score(found(server.url, path, pages)), await score(split(path, pages))];
    console.error(`${ours.toFixed(3)} (${peer.toFixed(3)}) ${file}`);
    scores.push({ ours, peer });
  }
  await server.stop();
  const [ours, peer] = [mean(scores.map((score) => score.ours)), mean(scores.map((score) => score.peer))];
  const measured = { ours, peer, ratio: ours / peer, ratios: [ours / peer] };
  const what = `tables, mean F1 of adjacency relations, ${files.length} files`;
  return [ratioFigure({ what, peer: 'pdftotext -layout, split', unit: 'F1', measured, atLeast })];
}

async function found(url, path, pages) {
  const headers = { 'content-type': 'application/pdf', prefer: 'wait=60' };
  const query = pages.size > 0 ? `?pages=${[...pages].join(',')}` : '';
  const response = await fetch(`${url}/v1/tables${query}`, { method: 'POST', headers, body: await readFile(path) });
  const job = await response.json();
  if (job.state !== 'succeeded') throw new Error(`${path}: ${job.state} ${JSON.stringify(job.error ?? job)}`);
  return job.result.tables;
}

/** Each page is one table of its lines. */
async function split(path, pages) {
  const tables = [];
  for (const page of pages) {
    const { stdout } = await run('pdftotext', ['-layout', '-f', String(page), '-l', String(page), path, '-']);
    const rows = stdout.split('\n').map((line) => line.trim().split(/ {2,}/));
    tables.push({ page, rows: rows.filter((cells) => cells.length > 1) });
  }
  return tables;
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
