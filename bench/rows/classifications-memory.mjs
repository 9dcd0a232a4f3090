/** Whether the server and its executors stay as large as they are while 10,000 pictures are classified. */
import { setTimeout as sleep } from 'node:timers/promises';
import { api } from '../support/api.mjs';
import { startServer } from '../support/children.mjs';
import { bundledModel, countedPictures } from '../support/classifier.mjs';
import { growthFigure } from '../support/figures.mjs';
import { request, startLoad } from '../support/load.mjs';
import { residentBytes } from '../support/resident.mjs';
import { median } from '../support/statistics.mjs';

const megabyte = 1024 ** 2;
const connections = 8;
const sampleMs = 250;
/** A heap breathes; what leaks grows with each picture. */
const atMost = 1.15;

export async function measure({ folder, using, quick }) {
  const [part, parts] = quick ? [50, 4] : [1_000, 10];
  const load = await using(startLoad());
  const server = await using(startServer(await folder(), ['--workers', '2']));
  const [{ bytes, counterAt }] = await countedPictures(false);
  const path = `/v1/classifications?model=${(await bundledModel()).id}`;
  const post = request('POST', path, { mediaType: 'image/jpeg', body: bytes, counterAt, status: 202 });
  const { drained } = api(server.url);
  const sizes = [];
  for (let at = 1; at <= parts; at++) {
    const work = async () => {
      await load.run({ url: server.url, connections, count: part, request: post });
      await drained('classifications', part * at);
    };
    sizes.push(await sizesDuring(server, work()));
  }
  // The first part is that in which heaps and engines grow to their size.
  const [, early] = sizes;
  const late = sizes.at(-1);
  return ['server', 'executors'].map((side) => {
    const [ours, before] = [late[side] / megabyte, early[side] / megabyte];
    return growthFigure({
      what: `memory of the ${side}, ${(part * parts).toLocaleString('en')} pictures classified`,
      peer: `after ${(part * 2).toLocaleString('en')}`,
      unit: 'MB',
      measured: { ours, peer: before, ratio: ours / before, ratios: [ours / before] },
      atMost,
    });
  });
}

/** The usual resident sizes of the server and of its executors together, until the work is done. */
async function sizesDuring({ url, pid }, work) {
  const { get } = api(url);
  const seen = { server: [], executors: [] };
  let isDone = false;
  const done = work.finally(() => {
    isDone = true;
  });
  while (!isDone) {
    const { items } = await get('/v1/workers');
    const executors = items.flatMap((worker) => worker.executors);
    seen.server.push(residentBytes(pid));
    seen.executors.push(executors.reduce((sum, each) => sum + each.residentBytes, 0));
    await Promise.race([done, sleep(sampleMs)]);
  }
  await done;
  return { server: median(seen.server), executors: median(seen.executors) };
}
