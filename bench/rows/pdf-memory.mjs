/** The resident sizes of server and executors while 1,000 PDFs go through `tables`: after the first hundred they are to stay flat. */
import { api } from '../support/api.mjs';
import { startServer } from '../support/children.mjs';
import { growthFigure } from '../support/figures.mjs';
import { request, startLoad } from '../support/load.mjs';
import { counted, textPdfs } from '../support/pdfs.mjs';
import { residentBytes } from '../support/resident.mjs';

const megabyte = 1024 ** 2;
const processes = 2;
const connections = 4;
/** What is warm grows no more than by this factor. */
const growthMax = 1.25;

export async function measure({ folder, using, quick }) {
  const [steps, perStep] = quick ? [3, 10] : [10, 100];
  const pdfs = await textPdfs({ real: !quick });
  const load = await using(startLoad());
  const server = await using(startServer(await folder(), ['--workers', String(processes)]));
  const sizes = [];
  for (let step = 0; step < steps; step++) {
    await postSome(server.url, load, pdfs, step * perStep, perStep);
    const { items } = await api(server.url).get('/v1/workers');
    const executors = items.flatMap((worker) => worker.executors).map((each) => each.residentBytes ?? 0);
    sizes.push({ server: residentBytes(server.pid), executors: executors.reduce((sum, bytes) => sum + bytes, 0) });
    console.error(
      `${(step + 1) * perStep} PDFs: server ${Math.round(sizes[step].server / megabyte)} MB, ${executors.length} executors ${Math.round(sizes[step].executors / megabyte)} MB`,
    );
  }
  return ['server', 'executors'].map((part) => {
    const [first, last] = [sizes[0][part] / megabyte, sizes.at(-1)[part] / megabyte];
    return growthFigure({
      what: `resident size of ${part} after ${steps * perStep} PDFs`,
      peer: `after the first ${perStep}`,
      unit: 'MB',
      measured: { ours: last, peer: first, ratio: last / first, ratios: sizes.map((each) => each[part] / megabyte / first) },
      atMost: growthMax,
    });
  });
}

/** Jobs of all kinds of PDFs by turns, until all of them have ended. */
async function postSome(url, load, pdfs, from, count) {
  const { counts, drained } = api(url);
  const { succeeded } = await counts('tables');
  for (let at = from; at < from + count; at++) {
    const { bytes, counterAt } = counted(pdfs[at % pdfs.length].bytes);
    const post = request('POST', '/v1/tables?outputs=json,xml', {
      mediaType: 'application/pdf',
      body: bytes,
      counterAt,
      status: 202,
    });
    await load.run({ url, connections, count: 1, request: post });
  }
  await drained('tables', succeeded + count);
}
