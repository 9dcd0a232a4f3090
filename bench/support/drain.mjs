import { api } from './api.mjs';

const connections = 8;

/**
 * As many as the processes of the peer, and one more: an executor works on one job at a time, and while that goes from thread to
 * thread another one has the core (docs/operations.md, Workers). The peers have more than one picture in flight for that.
 */
export const executorsFor = (processes) => processes + 1;

/** So many jobs until V8 has compiled what runs often in the server and its executors: the processor time of a job falls by a third meanwhile. */
export const jobsToWarmUp = (quick) => (quick ? 40 : 2_000);

/** Jobs a second of a service, from the first POST until the last of them has succeeded. */
export async function drain(service, url, load, post, count) {
  const ended = await ends(service, url, count);
  const begin = Date.now();
  await load.run({ url, connections, count, request: post });
  return (count * 1000) / ((await ended()) - begin);
}

/** Jobs a second of a service that is paused until all of them wait, from then on. */
export async function drainBacklog(service, url, load, post, count) {
  const ended = await ends(service, url, count);
  const { post: tell } = api(url);
  await tell(`/v1/queues/${service}/pause`);
  await load.run({ url, connections, count, request: post });
  const begin = Date.now();
  await tell(`/v1/queues/${service}/resume`);
  return (count * 1000) / ((await ended()) - begin);
}

/** Waits for so many jobs more than have succeeded by now; resolves with when the last one did. */
async function ends(service, url, count) {
  const { counts, drained } = api(url);
  const { succeeded } = await counts(service);
  return () => drained(service, succeeded + count);
}
