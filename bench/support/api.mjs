/** The few calls of our HTTP interface that rows make outside of what they measure. */
import { until } from './children.mjs';

async function call(url, options = {}) {
  const response = await fetch(url, options);
  const text = await response.text();
  if (!response.ok) throw new Error(`${options.method ?? 'GET'} ${url}: ${response.status} ${text}`);
  return text === '' ? null : JSON.parse(text);
}

/** How often a drain is looked at: asking costs the server time that it would else work. */
const lookEveryMs = 200;
const drainMsMax = 120_000;

export function api(base) {
  async function counts(service) {
    const { items } = await call(`${base}/v1/queues`);
    return items.find((queue) => queue.service === service).counts;
  }

  return {
    get: (path) => call(`${base}${path}`),
    post: (path, body) =>
      call(`${base}${path}`, {
        method: 'POST',
        ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
      }),
    postBytes: (path, mediaType, body) =>
      call(`${base}${path}`, { method: 'POST', headers: { 'content-type': mediaType }, body }),
    /** How many jobs of a service stand in each state: `{queued, running, succeeded, …}`. */
    counts,
    /**
     * Waits until `total` jobs of the service have succeeded since the server began, and resolves with the time (ms since the
     * epoch) at which the last one did, as the server noted it. Jobs start in the order of their ids, so it is among the newest.
     */
    async drained(service, total) {
      await until(
        `${total} ${service} jobs`,
        async () => {
          const { succeeded, failed } = await counts(service);
          if (failed > 0) throw new Error(`${failed} ${service} jobs failed`);
          return succeeded === total;
        },
        drainMsMax,
        lookEveryMs,
      );
      const { items } = await call(`${base}/v1/jobs?service=${service}&limit=100`);
      return Math.max(...items.map(({ finishedAt }) => Date.parse(finishedAt)));
    },
  };
}
