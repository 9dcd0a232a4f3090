/** Working off a backlog of no-op jobs in two executors, against BullMQ with two sandboxed processors. */
import { alternate } from '../support/alternate.mjs';
import { api } from '../support/api.mjs';
import { startChild, startRedis } from '../support/children.mjs';
import { ratioFigure } from '../support/figures.mjs';
import { request, startLoad } from '../support/load.mjs';

const executors = 2;
const connections = 16;
const noop = request('POST', '/v1/noop', { mediaType: 'application/json', body: '{}', status: 202 });

export async function measure({ folder, using, quick }) {
  const count = quick ? 200 : 5_000;
  const rounds = quick ? 1 : 5;
  const load = await using(startLoad());
  const server = await using(
    startChild('launch/serve-noop.mjs', { folder: await folder(), workers: executors }, await logIn(folder)),
  );
  const ours = (jobs = count) => drain(server.url, load, jobs);
  await ours(100);

  const figures = [];
  for (const fsync of ['everysec', 'always']) {
    const redis = await using(startRedis(await folder(), fsync));
    const bullmq = await using(startChild('peers/bullmq.mjs', { port: redis.port, concurrency: executors }));
    const theirs = async (jobs = count) => (jobs * 1000) / (await bullmq.ask({ count: jobs })).answer;
    await theirs(100);
    const measured = await alternate(
      rounds,
      () => ours(),
      () => theirs(),
    );
    const peer = `BullMQ sandboxed, appendfsync ${fsync}`;
    figures.push(ratioFigure({ what: 'no-op jobs through executors', peer, unit: 'jobs/s', measured, atLeast: 1 }));
  }
  return figures;
}

const logIn = async (folder) => ({ logFile: `${await folder()}/server.log` });

/** Jobs a second from the resumption of a filled queue until all have succeeded. */
async function drain(url, load, count) {
  const { counts, drained, post } = api(url);
  await post('/v1/queues/noop/pause');
  const { succeeded } = await counts('noop');
  await load.run({ url, connections, count, request: noop });
  const begin = Date.now();
  await post('/v1/queues/noop/resume');
  return (count * 1000) / ((await drained('noop', succeeded + count)) - begin);
}
