/** A pour, durable, with 0 and with 50 live sockets open, against bare `node:http` and `ws` that keep it in memory. */
import { alternate } from '../support/alternate.mjs';
import { startChild, startServer } from '../support/children.mjs';
import { ratioFigure } from '../support/figures.mjs';
import { request, startLoad } from '../support/load.mjs';

/** With 64 a durable server stands still for a quarter of the time, because all of them wait for the disk; one in memory never does. */
const connections = 256;

export async function measure({ folder, using, quick }) {
  const seconds = quick ? 0.5 : 4;
  const load = await using(startLoad());
  const server = await using(startServer(await folder(), ['--workers', '0']));
  const peer = await using(startChild('peers/beers-in-memory.mjs', {}));
  const body = JSON.stringify({ tapId: 7, volume: 450 });
  const post = request('POST', '/v1/beers', { mediaType: 'application/json', body, status: 201 });
  const perSecond = async (url) => (await load.run({ url, connections, seconds, request: post })).perSecond;
  const ours = () => perSecond(server.url);
  const theirs = () => perSecond(peer.url);

  const figures = [];
  for (const sockets of [0, 50]) {
    if (sockets > 0) {
      for (const url of [`${server.url}/v1/live`, `${peer.url}/`])
        await using(startChild('support/live-readers.mjs', { url, clients: sockets, topics: ['beers'] }));
    }
    await ours();
    await theirs();
    const measured = await alternate(quick ? 1 : 5, ours, theirs);
    const what = `durable POST of a pour, ${sockets} live sockets open`;
    figures.push(ratioFigure({ what, peer: 'bare node:http and ws, in memory', unit: 'requests/s', measured, atLeast: 0.5 }));
  }
  return figures;
}
