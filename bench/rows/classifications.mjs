/**
 * Classifications, from the first POST to the last stored result, against onnxruntime alone in two processes, decoding of the
 * pictures included: MobileNetV2 and photos where `../shared` has them, else the bundled model and a picture that is drawn.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { alternate } from '../support/alternate.mjs';
import { startChild, startServer, workOff } from '../support/children.mjs';
import { addMobileNet, bundledModel, countedPictures, hasCorpora } from '../support/classifier.mjs';
import { drain, executorsFor, jobsToWarmUp } from '../support/drain.mjs';
import { ratioFigure } from '../support/figures.mjs';
import { request, startLoad } from '../support/load.mjs';

const processes = 2;
const inFlight = 2;

export async function measure({ folder, using, quick }) {
  const isReal = hasCorpora && !quick;
  const count = quick ? 100 : 720;
  const rounds = quick ? 1 : 5;
  const data = await folder();
  const model = isReal ? await addMobileNet(data) : await bundledModel();
  const pictures = await countedPictures(isReal);
  const load = await using(startLoad());
  const server = await using(startServer(data, ['--workers', String(executorsFor(processes))]));
  const posts = pictures.map(({ bytes, counterAt }) =>
    request('POST', `/v1/classifications?model=${model.id}`, { mediaType: 'image/jpeg', body: bytes, counterAt, status: 202 }),
  );
  const alone = await startAlone(model, pictures, count, await folder(), using);

  const ours = (jobs) => drain('classifications', server.url, load, posts, jobs);
  const peer = () => workOff(alone, count);
  await ours(jobsToWarmUp(quick));
  await peer();
  const measured = await alternate(rounds, () => ours(count), peer);
  return [
    ratioFigure({
      what: `classifications (${isReal ? 'MobileNetV2, photos' : 'bundled model'}), HTTP POST to stored result`,
      peer: `onnxruntime and sharp alone, ${processes} processes`,
      unit: 'pictures/s',
      measured,
      atLeast: 0.8,
    }),
  ];
}

/** Two processes that share a folder of `count` different files, of each picture as many as of the others. */
async function startAlone({ file: model, description }, pictures, count, folder, using) {
  for (let number = 0; number < count; number++) {
    const { bytes, counterAt } = pictures[number % pictures.length];
    bytes.write(String(number).padStart(8, '0'), counterAt, 'latin1');
    await writeFile(join(folder, `${String(number).padStart(8, '0')}.jpg`), bytes);
  }
  const options = (share) => ({ folder, share, shares: processes, inFlight, model, description });
  const start = (_, share) => using(startChild('peers/onnxruntime-alone.mjs', options(share)));
  return Promise.all(Array.from({ length: processes }, start));
}
