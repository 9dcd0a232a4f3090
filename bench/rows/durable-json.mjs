/** Accepting a small JSON job durably, against bare Fastify that inserts one row with full sync for each. */
import { alternate } from '../support/alternate.mjs';
import { api } from '../support/api.mjs';
import { startChild, startServer } from '../support/children.mjs';
import { ratioFigure } from '../support/figures.mjs';
import { request, startLoad } from '../support/load.mjs';
import { countedPicture } from '../support/picture.mjs';

const connections = 64;

export async function measure({ folder, using, quick }) {
  const seconds = quick ? 0.5 : 4;
  const load = await using(startLoad());
  const server = await using(startServer(await folder(), ['--workers', '0']));
  const peer = await using(startChild('peers/insert-row.mjs', { folder: await folder() }));
  const file = await api(server.url).postBytes('/v1/files', 'image/jpeg', (await countedPicture()).bytes);

  const body = JSON.stringify({ source: { file: file.id }, options: { width: 100, height: 100 }, fresh: true });
  const post = (path) => request('POST', path, { mediaType: 'application/json', body, status: 202 });
  const perSecond = async (url, path) => (await load.run({ url, connections, seconds, request: post(path) })).perSecond;
  const ours = () => perSecond(server.url, '/v1/thumbnails');
  const theirs = () => perSecond(peer.url, '/jobs');
  await ours();
  await theirs();
  const measured = await alternate(quick ? 1 : 5, ours, theirs);
  const peerName = 'bare Fastify, one commit a row';
  return [ratioFigure({ what: 'durable POST of a small JSON job', peer: peerName, unit: 'requests/s', measured, atLeast: 1 })];
}
