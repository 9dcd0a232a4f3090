/** Thumbnails of a 100 kB JPEG, from the first POST to the last stored result, against sharp alone in two processes. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { alternate } from '../support/alternate.mjs';
import { startChild, startServer, workOff } from '../support/children.mjs';
import { drain } from '../support/drain.mjs';
import { ratioFigure } from '../support/figures.mjs';
import { request, startLoad } from '../support/load.mjs';
import { countedPicture } from '../support/picture.mjs';

const processes = 2;
const inFlight = 2;

export async function measure({ folder, using, quick }) {
  const count = quick ? 100 : 1_000;
  const rounds = quick ? 1 : 5;
  const picture = await countedPicture();
  const load = await using(startLoad());
  const post = request('POST', '/v1/thumbnails', {
    mediaType: 'image/jpeg',
    body: picture.bytes,
    counterAt: picture.counterAt,
    status: 202,
  });
  const server = await using(startServer(await folder(), ['--workers', String(processes)]));
  const sharps = await startSharps(picture, count, await folder(), using);

  const ours = (jobs) => drain('thumbnails', server.url, load, post, jobs);
  const peer = () => workOff(sharps, count);
  await ours(processes * 20); // Engines load once.
  await peer();
  const measured = await alternate(rounds, () => ours(count), peer);
  return [
    ratioFigure({
      what: 'thumbnails, HTTP POST to stored result',
      peer: `sharp alone, ${processes} processes`,
      unit: 'pictures/s',
      measured,
      atLeast: 0.75,
    }),
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
