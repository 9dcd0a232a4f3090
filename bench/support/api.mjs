/** The few calls of our HTTP interface that rows make outside of what they measure. */

async function call(url, options = {}) {
  const response = await fetch(url, options);
  const text = await response.text();
  if (!response.ok) throw new Error(`${options.method ?? 'GET'} ${url}: ${response.status} ${text}`);
  return text === '' ? null : JSON.parse(text);
}

export function api(base) {
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
    async counts(service) {
      const { items } = await call(`${base}/v1/queues`);
      return items.find((queue) => queue.service === service).counts;
    },
  };
}
