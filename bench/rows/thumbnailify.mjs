/**
 * Thumbnailify's exchange: a backlog of base64 texts of a 100 kB JPEG posted to /images is worked off, to its last stored thumbnail,
 * against the engine that the original used, python3-wand, alone in two processes. For comparison, with the time of the posting, too.
 */
import { spawnSync } from 'node:child_process';
import { alternate } from '../support/alternate.mjs';
import { startChild, startServer, workOff } from '../support/children.mjs';
import { drain, drainBacklog, jobsToWarmUp } from '../support/drain.mjs';
import { comparedFigure, ratioFigure } from '../support/figures.mjs';
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

  const peer = () => workOff(wands, count);
  await drain('thumbnails', server.url, load, post, jobsToWarmUp(quick));
  await peer();
  const backlog = await alternate(rounds, () => drainBacklog('thumbnails', server.url, load, post, count), peer);
  const whole = await alternate(rounds, () => drain('thumbnails', server.url, load, post, count), peer);
  const sides = { peer: `python3-wand alone, ${processes} processes`, unit: 'pictures/s' };
  return [
    ratioFigure({ what: "Thumbnailify's exchange, drain of a backlog", ...sides, measured: backlog, atLeast: 3 }),
    comparedFigure({ what: 'the same, from the first POST of base64', ...sides, measured: whole }),
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
