/** How long an idle server takes from the sending of a POST to the first line of the task in its executor. */
import { api } from '../support/api.mjs';
import { startChild } from '../support/children.mjs';
import { boundFigure } from '../support/figures.mjs';
import { median, percentile } from '../support/statistics.mjs';

export async function measure({ folder, using, quick }) {
  const logFile = `${await folder()}/server.log`;
  const server = await using(startChild('launch/serve-noop.mjs', { folder: await folder(), workers: 2 }, { logFile }));
  const { get, post } = api(server.url);

  const once = async () => {
    const sentNs = process.hrtime.bigint();
    const { id } = await post('/v1/noop', {});
    await get(`/v1/jobs/${id}?wait=10s`);
    const job = await ended(get, id);
    if (job.state !== 'succeeded') throw new Error(`a no-op job ${job.state}`);
    const { startedNs } = await get(`/v1/jobs/${id}/result`);
    return Number(BigInt(startedNs) - sentNs) / 1e6;
  };
  for (let warmUp = 0; warmUp < 50; warmUp++) await once();
  const times = [];
  for (let round = 0; round < (quick ? 50 : 500); round++) times.push(await once());
  const note = `p99 ${percentile(times, 0.99).toFixed(1)} ms`;
  return [boundFigure({ what: 'idle submit to start, median', unit: 'ms', ours: median(times), below: 5, note })];
}

/** `?wait` answers at the next change of state, which may be the start. */
async function ended(get, id) {
  for (;;) {
    const job = await get(`/v1/jobs/${id}?wait=10s`);
    if (job.state !== 'queued' && job.state !== 'running') return job;
  }
}
