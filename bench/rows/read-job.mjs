/** Reading a job, against bare Fastify answering an object of the same size. */
import { alternate } from '../support/alternate.mjs';
import { api } from '../support/api.mjs';
import { startChild, startServer } from '../support/children.mjs';
import { ratioFigure } from '../support/figures.mjs';
import { request, startLoad } from '../support/load.mjs';
import { countedPicture } from '../support/picture.mjs';

const connections = 32;

export async function measure({ folder, using, quick }) {
  const seconds = quick ? 0.5 : 3;
  const load = await using(startLoad());
  const server = await using(startServer(await folder()));
  const { get, postBytes } = api(server.url);
  const { id } = await postBytes('/v1/thumbnails', 'image/jpeg', (await countedPicture()).bytes);
  const job = await get(`/v1/jobs/${id}?wait=30s`);
  const peer = await using(startChild('peers/fixed-object.mjs', { object: job }));

  const read = request('GET', `/v1/jobs/${id}`, { status: 200 });
  const perSecond = async (url) => (await load.run({ url, connections, seconds, request: read })).perSecond;
  await perSecond(server.url);
  await perSecond(peer.url);
  const measured = await alternate(
    quick ? 1 : 5,
    () => perSecond(server.url),
    () => perSecond(peer.url),
  );
  return [
    ratioFigure({ what: 'GET /v1/jobs/{id}', peer: 'bare Fastify, fixed object', unit: 'requests/s', measured, atLeast: 0.5 }),
  ];
}
