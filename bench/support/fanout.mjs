/** From the commit of an event until all of 1,000 live sockets have received it, against bare `ws` sending the same bytes. */
import { alternate } from './alternate.mjs';
import { startChild } from './children.mjs';
import { growthFigure } from './figures.mjs';
import { percentile } from './statistics.mjs';

const clients = 1_000;

export async function measureFanout({ folder, using, quick }, topic) {
  const events = quick ? 20 : 200;
  const ours = await side(using, topic, using(startChild('launch/serve-live.mjs', { folder: await folder(), topic })));
  const theirs = await side(using, topic, using(startChild('peers/ws-broadcast.mjs', {})));
  const { text } = await ours.once();
  const p99 = async (one, question) => {
    const times = [];
    for (let event = 0; event < events; event++) times.push((await one.once(question)).ms);
    return percentile(times, 0.99);
  };
  for (let warmUp = 0; warmUp < 20; warmUp++) {
    await ours.once();
    await theirs.once({ text });
  }
  const measured = await alternate(
    quick ? 1 : 5,
    () => p99(ours, {}),
    () => p99(theirs, { text }),
  );
  const what = `commit to ${clients.toLocaleString('en')} live sockets (${topic}), all received, p99`;
  return [growthFigure({ what, peer: 'bare ws, the same bytes', unit: 'ms', measured, atMost: 1.5 })];
}

/** A server and its clients, which are in a process of their own. */
async function side(using, topic, starting) {
  const server = await starting;
  const sockets = await using(startChild('support/live-clients.mjs', { url: server.url, clients, topic }));
  return {
    async once(question = {}) {
      const { answer: sent } = await server.ask(question);
      const { answer: received } = await sockets.ask({});
      await sockets.ask({ next: true });
      return { ms: Number(BigInt(received.receivedNs) - BigInt(sent.sentNs)) / 1e6, text: received.text };
    },
  };
}
