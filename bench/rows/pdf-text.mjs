/** The text of PDFs, from the first POST to the last stored result, against PDFium alone and pdfminer, each in two processes. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { alternate } from '../support/alternate.mjs';
import { api } from '../support/api.mjs';
import { startChild, startServer } from '../support/children.mjs';
import { jobsToWarmUp } from '../support/drain.mjs';
import { missingFigure, ratioFigure } from '../support/figures.mjs';
import { request, startLoad } from '../support/load.mjs';
import { counted, textPdfs } from '../support/pdfs.mjs';

const processes = 2;
const connections = 4;

export async function measure({ folder, using, quick }) {
  const pdfs = await textPdfs({ real: !quick });
  const sets = [
    { what: 'many-paged PDFs', pdfs: pdfs.filter(({ pages }) => pages >= 3) },
    { what: 'one-page PDFs', pdfs: pdfs.filter(({ pages }) => pages === 1) },
  ];
  const load = await using(startLoad());
  const server = await using(startServer(await folder(), ['--workers', String(processes)]));
  const pdfium = await Promise.all(Array.from({ length: processes }, () => using(startChild('peers/pdfium-alone.mjs', {}))));
  const pdfminer = await startPdfminers(using);
  const figures = [];
  await postAll(server.url, load, pdfs, Math.ceil(jobsToWarmUp(quick) / pdfs.length), 'text');
  for (const { what, pdfs: set } of sets) {
    const paths = await writtenTo(await folder(), set);
    const pagesOf = (repeats) => set.reduce((sum, { pages }) => sum + pages, 0) * repeats;
    const repeats = Math.ceil((quick ? 12 : 1_000) / set.length);
    for (const output of ['text', 'xml']) {
      const ours = async () => (pagesOf(repeats) * 1000) / (await postAll(server.url, load, set, repeats, output));
      const peer = async () => (pagesOf(repeats) * 1000) / (await askAll(pdfium, paths, repeats));
      await ours();
      await peer();
      const measured = await alternate(quick ? 1 : 5, ours, peer);
      figures.push(
        ratioFigure({
          what: `${output} of ${what}, HTTP POST to stored result`,
          peer: `PDFium alone, plain text, ${processes} processes`,
          unit: 'pages/s',
          measured,
          atLeast: 0.7,
        }),
      );
      if (pdfminer === null) {
        figures.push(missingFigure(`${output} of ${what} against pdfminer`, 'NOT MEASURED: install python3-pdfminer'));
        continue;
      }
      const slow = async () => (pagesOf(1) * 1000) / (await askAll(pdfminer, paths, 1));
      const against = await alternate(quick ? 1 : 2, ours, slow);
      figures.push(
        ratioFigure({
          what: `${output} of ${what}, HTTP POST to stored result`,
          peer: `pdfminer, plain text, ${processes} processes`,
          unit: 'pages/s',
          measured: against,
          atLeast: 10,
        }),
      );
    }
  }
  return figures;
}

/** Milliseconds from the first POST until the last job has succeeded. */
async function postAll(url, load, set, repeats, output) {
  const { counts, drained } = api(url);
  const { succeeded } = await counts('tables');
  const begin = Date.now();
  for (const { bytes } of set) {
    const body = counted(bytes);
    const post = request('POST', `/v1/tables?outputs=${output}`, {
      mediaType: 'application/pdf',
      body: body.bytes,
      counterAt: body.counterAt,
      status: 202,
    });
    await load.run({ url, connections, count: repeats, request: post });
  }
  return (await drained('tables', succeeded + set.length * repeats)) - begin;
}

async function writtenTo(folder, set) {
  const paths = set.map((_, at) => join(folder, `${at}.pdf`));
  await Promise.all(set.map(({ bytes }, at) => writeFile(paths[at], bytes)));
  return paths;
}

/** Each takes every second file; the milliseconds of the slower one. */
async function askAll(children, paths, repeats) {
  const all = Array.from({ length: repeats }, () => paths).flat();
  const answers = await Promise.all(
    children.map((child, share) => child.ask({ paths: all.filter((_, at) => at % children.length === share) })),
  );
  if (answers.some(({ answer }) => answer.characters === 0)) throw new Error('a peer found no text');
  return Math.max(...answers.map(({ answer }) => answer.ms));
}

/** Null where Debian's package is not installed. */
async function startPdfminers(using) {
  const script = fileURLToPath(new URL('../peers/pdfminer-text.py', import.meta.url));
  const children = await Promise.all(Array.from({ length: processes }, () => using(startPdfminer(script))));
  return children.every(({ isReady }) => isReady) ? children : null;
}

async function startPdfminer(script) {
  // Debian's Python: another one that comes first on the path does not see Debian's packages.
  const child = spawn('/usr/bin/python3', [script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface(child.stdout);
  const ended = once(child, 'exit').then(
    ([code]) => `ended with ${code}`,
    (error) => error.message,
  );
  const first = await Promise.race([once(lines, 'line').then(([line]) => line), ended]);
  if (first !== 'ready')
    console.error(`PDFMINER IS NOT MEASURED: /usr/bin/python3 has no pdfminer (${first}). apt-get install python3-pdfminer`);
  return {
    isReady: first === 'ready',
    async ask({ paths }) {
      const answer = once(lines, 'line');
      child.stdin.write(`${JSON.stringify(paths)}\n`);
      return { answer: JSON.parse((await answer)[0]) };
    },
    async stop() {
      child.stdin.end();
      await ended;
    },
  };
}
