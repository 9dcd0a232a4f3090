/** Accepting 10,000 small JSON jobs in one call, against our own POST of each alone. */
import { alternate } from '../support/alternate.mjs';
import { api } from '../support/api.mjs';
import { startServer } from '../support/children.mjs';
import { ratioFigure } from '../support/figures.mjs';
import { request, startLoad } from '../support/load.mjs';
import { countedPicture } from '../support/picture.mjs';

const connections = 64;
/** Calls at once: while the writer stores one, the next is read. */
const callsAtOnce = 2;
const jobsPerCall = 10_000;

export async function measure({ folder, using, quick }) {
  const seconds = quick ? 0.5 : 4;
  const calls = quick ? 2 : 6;
  const load = await using(startLoad());
  const flags = ['--workers', '0', '--queued-jobs-max', '10000000'];
  const server = await using(startServer(await folder(), flags));
  const single = await using(startServer(await folder(), flags));
  const job = async ({ url }) => {
    const file = await api(url).postBytes('/v1/files', 'image/jpeg', (await countedPicture()).bytes);
    return { source: { file: file.id }, options: { width: 100, height: 100 }, fresh: true };
  };
  const post = (path, body) => request('POST', path, { mediaType: 'application/json', body: JSON.stringify(body), status: 202 });

  const one = { service: 'thumbnails', ...(await job(server)) };
  const batch = post('/v1/jobs', { jobs: Array.from({ length: jobsPerCall }, () => one) });
  const alone = post('/v1/thumbnails', await job(single));
  const ours = async () =>
    (await load.run({ url: server.url, connections: callsAtOnce, count: calls, request: batch })).perSecond * jobsPerCall;
  const theirs = async () => (await load.run({ url: single.url, connections, seconds, request: alone })).perSecond;
  await ours();
  await theirs();
  const measured = await alternate(quick ? 1 : 5, ours, theirs);
  return [ratioFigure({ what: '10,000 small JSON jobs in one POST', peer: 'a POST each', unit: 'jobs/s', measured, atLeast: 5 })];
}
