/**
 * Thumbnailify's exchange: base64 text of a 100 kB JPEG posted to /images, from the first POST of a backlog to its last stored
 * thumbnail, against the engine that the original used, python3-wand, alone in two processes.
 */
import { spawnSync } from 'node:child_process';
import { alternate } from '../support/alternate.mjs';
import { startChild, startServer, workOff } from '../support/children.mjs';
import { drain } from '../support/drain.mjs';
import { ratioFigure } from '../support/figures.mjs';
import { request, startLoad } from '../support/load.mjs';
import { countedPicture } from '../support/picture.mjs';
import { writePictures } from './thumbnails.mjs';

const processes = 2;
/** Debian's, which has Debian's packages, whatever else stands on the path. */
const python = '/usr/bin/python3';

export async function measure({ folder, using, quick }) {
  if (spawnSync(python, ['-c', 'import wand.image']).status !== 0) {
    console.error('thumbnailify DID NOT RUN: there is no python3-wand here (apt-get install python3-wand).');
    return [];
  }
  const count = quick ? 100 : 1_000;
  const rounds = quick ? 1 : 5;
  const picture = await countedPicture();
  const load = await using(startLoad());
  const server = await using(startServer(await folder(), ['--workers', String(processes), '--dropin', 'thumbnailify']));
  const wands = await startWands(picture, count, await folder(), using);
  const post = postOf(picture);

  const ours = (jobs) => drain('thumbnails', server.url, load, post, jobs);
  const peer = () => workOff(wands, count);
  await ours(processes * 20); // Engines load once.
  await peer();
  const measured = await alternate(rounds, () => ours(count), peer);
  return [
    ratioFigure({
      what: "Thumbnailify's exchange, POST of base64 to stored thumbnail",
      peer: `python3-wand alone, ${processes} processes`,
      unit: 'pictures/s',
      measured,
      atLeast: 3,
    }),
  ];
}

/** The comment begins at a whole group of base64, so that digits written into the text are bytes of it: no two that are sent are equal. */
function postOf({ bytes, counterAt }) {
  return request('POST', '/images', {
    mediaType: 'image/jpeg',
    body: bytes.toString('base64'),
    counterAt: (counterAt / 3) * 4,
    status: 202,
  });
}

/** Two processes that share a folder of `count` different pictures. */
async function startWands(picture, count, folder, using) {
  await writePictures(picture, count, folder);
  const options = (share) => ({ python, folder, share, shares: processes });
  return Promise.all(Array.from({ length: processes }, (_, share) => using(startChild('peers/wand-alone.mjs', options(share)))));
}
