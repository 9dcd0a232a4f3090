/** Accepting a 100 kB picture durably, against a bare route that streams it to a file, syncs, renames and inserts one row. */
import { alternate } from '../support/alternate.mjs';
import { startChild, startServer } from '../support/children.mjs';
import { ratioFigure } from '../support/figures.mjs';
import { request, startLoad } from '../support/load.mjs';
import { countedPicture } from '../support/picture.mjs';

const connections = 32;

export async function measure({ folder, using, quick }) {
  const seconds = quick ? 0.5 : 4;
  const load = await using(startLoad());
  // Nothing is worked off meanwhile: what counts is the acceptance.
  const server = await using(startServer(await folder(), ['--workers', '0']));
  const peer = await using(startChild('peers/store-upload.mjs', { folder: await folder() }));

  const { bytes, counterAt } = await countedPicture();
  const post = (path, status) => request('POST', path, { mediaType: 'image/jpeg', body: bytes, counterAt, status });
  const perSecond = async (url, posted) => (await load.run({ url, connections, seconds, request: posted })).perSecond;
  const ours = () => perSecond(server.url, post('/v1/thumbnails', 202));
  const theirs = () => perSecond(peer.url, post('/files', 201));
  await ours();
  await theirs();
  const measured = await alternate(quick ? 1 : 5, ours, theirs);
  const peerName = 'bare route: file, fsync, rename, row';
  return [ratioFigure({ what: 'durable POST of a 100 kB body', peer: peerName, unit: 'requests/s', measured, atLeast: 0.7 })];
}
