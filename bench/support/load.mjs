import { startChild } from './children.mjs';

/**
 * Starts a load generator in a process of its own. `run({url, connections, count | seconds, request})` sends requests over
 * keep-alive connections, one at a time each, and resolves with `{count, seconds, perSecond}`; any answer of another status than
 * `request.status` is an error. A list of requests is sent by turns.
 */
export async function startLoad() {
  const child = await startChild('support/load-generator.mjs', {});
  return {
    run: async (task) => (await child.ask(task)).answer,
    stop: child.stop,
  };
}

/** A request as the load generator takes it. `body` is bytes; the eight digits at `counterAt` become the number of the request. */
export function request(method, path, { mediaType, body = '', counterAt = null, status }) {
  return { method, path, mediaType, body: Buffer.from(body).toString('base64'), counterAt, status };
}
