/** How many photos MobileNetV2 is right on, against the reference preprocessing of the ONNX Model Zoo: only where `../shared` lies beside the project. */
import { startServer } from '../support/children.mjs';
import { addMobileNet, hasCorpora, photos } from '../support/classifier.mjs';
import { ratioFigure } from '../support/figures.mjs';

export async function measure({ folder, using, quick }) {
  if (!hasCorpora) return [];
  const data = await folder();
  const { id } = await addMobileNet(data);
  const server = await using(startServer(data, ['--workers', '2']));
  const asked = (await photos()).slice(0, quick ? 4 : undefined);
  const lost = [];
  const hits = { topOne: { ours: 0, peer: 0 }, topFive: { ours: 0, peer: 0 } };
  for (const { name, bytes, right, reference } of asked) {
    const ours = await labels(server.url, id, name, bytes);
    const theirs = reference.top5.map(([index]) => index);
    const isRight = (indexes) => indexes.some((index) => right.includes(index));
    hits.topOne.ours += isRight(ours.slice(0, 1));
    hits.topOne.peer += isRight(theirs.slice(0, 1));
    hits.topFive.ours += isRight(ours);
    hits.topFive.peer += isRight(theirs);
    if (isRight(theirs.slice(0, 1)) && !isRight(ours.slice(0, 1))) lost.push(name);
  }
  if (lost.length > 0) console.error(`less right than the reference: ${lost.join(', ')}`);
  return [
    figure('first label right', hits.topOne, asked.length, lost),
    figure('among the first five', hits.topFive, asked.length, []),
  ];
}

async function labels(url, model, name, body) {
  const headers = { 'content-type': name.endsWith('.png') ? 'image/png' : 'image/jpeg', prefer: 'wait=60' };
  const response = await fetch(`${url}/v1/classifications?model=${model}&top=5`, { method: 'POST', headers, body });
  const job = await response.json();
  if (job.state !== 'succeeded') throw new Error(`${name}: ${job.state} ${JSON.stringify(job.error ?? job)}`);
  return job.result.labels.map(({ index }) => index);
}

/** One photo that is less right is one too many, even where another one is right instead. */
function figure(what, { ours, peer }, count, lost) {
  const ratio = lost.length > 0 ? Math.min(ours / peer, 1 - lost.length / count) : ours / peer;
  return ratioFigure({
    what: `${what}, MobileNetV2 on ${count} photos`,
    peer: 'reference preprocessing, from the manifest',
    unit: 'photos',
    measured: { ours, peer, ratio, ratios: [ratio] },
    atLeast: 1,
  });
}
