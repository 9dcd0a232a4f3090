/** Reading beers over HTTP with 1,000,000 of them, against the same with 1,000: one by its id, and a filtered page. */
import { join } from 'node:path';
import { alternate } from '../support/alternate.mjs';
import { startServer } from '../support/children.mjs';
import { growthFigure } from '../support/figures.mjs';
import { request, startLoad } from '../support/load.mjs';

const dist = new URL('../../dist/', import.meta.url);
const taps = 5;
const connections = 8;

export async function measure({ folder, using, quick }) {
  const few = 1_000;
  const many = quick ? 20_000 : 1_000_000;
  const seconds = quick ? 0.3 : 2;
  const load = await using(startLoad());
  const [small, large] = await Promise.all(
    [few, many].map(async (count) => {
      const place = await folder();
      const id = await fill(join(place, 'data'), count);
      return { id, server: await using(startServer(place, ['--workers', '0'])) };
    }),
  );
  /** Microseconds a request. */
  const each = async ({ server }, path) => {
    const get = request('GET', path, { status: 200 });
    return 1e6 / (await load.run({ url: server.url, connections, seconds, request: get })).perSecond;
  };
  const paths = {
    'a beer by its id': ({ id }) => `/v1/beers/${id}`,
    'a page of 20 beers by tap and type': () => '/v1/beers?tapId=2&type=pint&page_size=20',
    'the same, page 3': () => '/v1/beers?tapId=2&type=pint&page_size=20&page=3',
  };
  const figures = [];
  for (const [what, path] of Object.entries(paths)) {
    const measured = await alternate(
      quick ? 1 : 7,
      () => each(large, path(large)),
      () => each(small, path(small)),
    );
    const words = `GET of ${what}, with ${many.toLocaleString('en')} of them`;
    figures.push(growthFigure({ what: words, peer: `with ${few.toLocaleString('en')}`, unit: 'us', measured, atMost: 1.3 }));
  }
  return figures;
}

/** Pours so many beers into the database of a server that does not run yet; the id of one in their middle. */
async function fill(data, count) {
  const load = (path) => import(new URL(path, dist));
  const { mkdirSync } = await import('node:fs');
  const { openThreadedJobStore } = await load('adapters/sqlite/threaded-job-store.js');
  const { systemClock: clock } = await load('core/clock.js');
  const { createTaps } = await load('services/taps/create-taps.js');
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const store = await openThreadedJobStore({ path: join(data, 'coatcheck.db'), clock });
  const log = { debug() {}, info() {}, warn() {}, error: console.error };
  // Reports are not what is measured.
  const documents = {
    ...store,
    write: (changes) => (changes[0].kind === 'tell' ? [] : store.writeDocuments(changes)),
  };
  const pours = createTaps({ documents, clock, log, reportMs: 86_400_000 });
  await pours.start();
  const begin = Date.now() - count * 1_000;
  const volumes = [200, 500, 900];
  let middle = '';
  for (let at = 0; at < count; at += 1_000) {
    const batch = Array.from({ length: Math.min(1_000, count - at) }, (_, n) => {
      const number = at + n;
      // Taps and volumes by turns, so that each tap pours each glass; among 1,000 there are three pages of each.
      return pours.pour({ tapId: number % taps, volume: volumes[number % 3], pouredAt: begin + number * 1_000 });
    });
    const poured = await Promise.all(batch);
    if (at <= count / 2) middle = poured[0].beer.id;
  }
  await pours.stop();
  await store.close();
  return middle;
}
