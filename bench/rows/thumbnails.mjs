/**
 * Thumbnails of a 100 kB JPEG, from the first POST to the last stored result, against sharp alone in two processes. For comparison,
 * what is left of sharp alone where the pictures first come in by a bare route that makes them durable: nothing that takes uploads
 * can do better than a little more than that.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { alternate } from '../support/alternate.mjs';
import { startChild, startServer, workOff } from '../support/children.mjs';
import { drain, executorsFor, jobsToWarmUp } from '../support/drain.mjs';
import { comparedFigure, ratioFigure } from '../support/figures.mjs';
import { request, startLoad } from '../support/load.mjs';
import { countedPicture } from '../support/picture.mjs';

const processes = 2;
const inFlight = 2;
const connections = 8;

export async function measure({ folder, using, quick }) {
  const count = quick ? 100 : 1_000;
  const rounds = quick ? 1 : 5;
  const picture = await countedPicture();
  const load = await using(startLoad());
  const bytes = { mediaType: 'image/jpeg', body: picture.bytes, counterAt: picture.counterAt };
  const post = request('POST', '/v1/thumbnails', { ...bytes, status: 202 });
  const server = await using(startServer(await folder(), ['--workers', String(executorsFor(processes))]));
  const sharps = await startSharps(picture, count, await folder(), using);

  const bare = await using(startChild('peers/store-upload.mjs', { folder: await folder() }));
  const upload = request('POST', '/files', { ...bytes, status: 201 });

  const ours = (jobs) => drain('thumbnails', server.url, load, post, jobs);
  const peer = () => workOff(sharps, count);
  const uploadFirst = async () => {
    const { perSecond } = await load.run({ url: bare.url, connections, count, request: upload });
    return 1 / (1 / perSecond + 1 / (await peer()));
  };
  await ours(jobsToWarmUp(quick));
  await peer();
  await uploadFirst();
  const measured = await alternate(rounds, () => ours(count), peer);
  const possible = await alternate(rounds, uploadFirst, peer);
  const sides = { peer: `sharp alone, ${processes} processes`, unit: 'pictures/s' };
  return [
    ratioFigure({ what: 'thumbnails, HTTP POST to stored result', ...sides, measured, atLeast: 0.75 }),
    comparedFigure({ what: 'bare durable upload route, then sharp alone', ...sides, measured: possible }),
  ];
}

/** Two processes that share a folder of `count` different pictures. */
async function startSharps(picture, count, folder, using) {
  await writePictures(picture, count, folder);
  const options = (share) => ({ folder, share, shares: processes, inFlight });
  return Promise.all(Array.from({ length: processes }, (_, share) => using(startChild('peers/sharp-alone.mjs', options(share)))));
}

/** Files that differ in the number that each of them holds. */
export async function writePictures({ bytes, counterAt }, count, folder) {
  for (let number = 0; number < count; number++) {
    bytes.write(String(number).padStart(8, '0'), counterAt, 'latin1');
    await writeFile(join(folder, `${number}.jpg`), bytes);
  }
}
