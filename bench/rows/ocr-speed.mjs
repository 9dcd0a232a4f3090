/** Pages of print, from the first POST to the last stored result, against the bare engine in two processes; both give words and boxes. */
import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { alternate } from '../support/alternate.mjs';
import { api } from '../support/api.mjs';
import { startChild, startServer } from '../support/children.mjs';
import { ratioFigure } from '../support/figures.mjs';
import { printedPage } from '../support/printed-page.mjs';

const processes = 2;

export async function measure({ folder, using, quick }) {
  const engines = [
    { engine: 'program', script: 'peers/tesseract-program.mjs', name: 'the tesseract program' },
    { engine: 'js', script: 'peers/tesseract-js.mjs', name: 'tesseract.js' },
  ].filter(({ engine }) => engine === 'js' || hasProgram());
  const figures = [];
  for (const { engine, script, name } of engines) {
    const ours = await startOurs(engine, await folder(), using);
    const peer = await startPeer(script, await folder(), using);
    const count = quick ? 4 : 24;
    await ours(4); // Engines load once.
    await peer(4);
    const measured = await alternate(
      quick ? 1 : 5,
      () => ours(count),
      () => peer(count),
    );
    await Promise.all([ours.stop(), peer.stop()]);
    figures.push(
      ratioFigure({
        what: `pages read with ${name}, HTTP POST to stored result`,
        peer: `${name} alone, ${processes} processes`,
        unit: 'pages/s',
        measured,
        atLeast: 0.95,
      }),
    );
  }
  return figures;
}

export function hasProgram() {
  return spawnSync('tesseract', ['--version']).status === 0;
}

async function startOurs(engine, folder, using) {
  const server = await using(startServer(folder, ['--workers', String(processes), '--ocr-engine', engine]));
  const { postBytes, counts, drained } = api(server.url);
  const page = await printedPage();
  let number = 0;
  const ours = async (count) => {
    const { succeeded } = await counts('ocr');
    const begin = Date.now();
    for (let at = 0; at < count; at++) {
      page.bytes.write(String(number++).padStart(8, '0'), page.counterAt, 'latin1');
      await postBytes('/v1/ocr', 'image/jpeg', page.bytes);
    }
    return (count * 1000) / ((await drained('ocr', succeeded + count)) - begin);
  };
  ours.stop = () => server.stop();
  return ours;
}

async function startPeer(script, folder, using) {
  const path = join(folder, 'page.jpg');
  await writeFile(path, (await printedPage()).bytes);
  const children = await Promise.all(Array.from({ length: processes }, () => using(startChild(script, {}))));
  const peer = async (count) => {
    const paths = Array.from({ length: count / processes }, () => path);
    const answers = await Promise.all(children.map((child) => child.ask({ paths, form: 'tsv' })));
    if (answers.some(({ answer }) => !answer.texts[0].includes('the')))
      throw new Error('the page has no text: are there no fonts here?');
    return (count * 1000) / Math.max(...answers.map(({ answer }) => answer.ms));
  };
  peer.stop = () => Promise.all(children.map((child) => child.stop()));
  return peer;
}
