/** The time of looking documents up in the SQLite store among 1,000,000, against the same among 1,000; and how fast they come in. */
import { join } from 'node:path';
import { alternate } from '../support/alternate.mjs';
import { boundFigure, growthFigure } from '../support/figures.mjs';
import { median } from '../support/statistics.mjs';

const dist = new URL('../../dist/', import.meta.url);
const collection = { name: 'pours', orderedBy: 'at', indexes: [['type'], ['tap'], ['type', 'tap']] };
const taps = 5;
const types = ['half', 'pint', 'pint', 'stein'];
const page = 50;
const batch = 10_000;
/** Pours are about so far apart. */
const apartMs = 700;
const firstAt = Date.UTC(2026, 0, 1);

export async function measure({ folder, using, quick }) {
  const few = 1_000;
  const many = quick ? 20_000 : 1_000_000;
  const small = await using(openFilled(await folder(), few));
  const large = await using(openFilled(await folder(), many));
  const rounds = quick ? 2 : 9;
  const times = quick ? 50 : 1_000;
  const figures = [];
  for (const [name, look] of Object.entries(looks)) {
    await small.median(look, times);
    await large.median(look, times);
    const measured = await alternate(
      rounds,
      () => large.median(look, times),
      () => small.median(look, times),
    );
    figures.push(figureOf(name, measured, { many: many.toLocaleString('en'), few: few.toLocaleString('en') }));
  }
  const what = `processor time of a document that comes in, in calls of ${batch.toLocaleString('en')}`;
  figures.push(boundFigure({ what, unit: 'us', ours: large.insertUs, below: 50 }));
  return figures;
}

/**
 * What is read at random among many is in no cache, neither of the processor nor of SQLite: that is some microseconds for a document and
 * some dozens for a page. Where the read itself takes no longer, a ratio would tell of that alone: there counts by how much longer it
 * takes, against the 100 us that a request for a document takes at least, and the 300 us of one for a page.
 */
function figureOf(name, measured, { many, few }) {
  const what = `${name}, of ${many} documents`;
  if (!name.includes('at random')) return growthFigure({ what, peer: `of ${few}`, unit: 'us', measured, atMost: 1.3 });
  const note = `${measured.ours.toFixed(1)} us, of ${few} ${measured.peer.toFixed(1)} us`;
  return boundFigure({
    what: `${what}: longer by`,
    unit: 'us',
    ours: measured.ours - measured.peer,
    below: name.includes('page') ? 90 : 30,
    note,
  });
}

/** What is asked of a store with so many documents. Random places, so that no cache of a place helps. */
const looks = {
  'read by id at random': ({ store, anyId }) => store.getDocument('pours', anyId()),
  'read by number at random': ({ store, count }) => store.getNumbered('pours', random(count)),
  'first page and total': ({ store }) => pageAndTotal(store, { offset: 0 }),
  'first page and total of a type and tap': ({ store }) =>
    pageAndTotal(store, { where: { type: 'pint', tap: random(taps) }, offset: 0 }),
  'deep page and total of a type': ({ store, count }) =>
    pageAndTotal(store, { where: { type: 'pint' }, offset: Math.floor(count * 0.4) }),
  'deep page at random and total, newest first': ({ store, count }) =>
    pageAndTotal(store, { order: 'falling', offset: random(count - page) }),
  'page and total of a type in a span of time at random': ({ store, count }) => {
    const from = firstAt + random(count * 0.4) * apartMs;
    return pageAndTotal(store, { where: { type: 'pint' }, from, below: from + count * apartMs * 0.5, offset: 0 });
  },
  'deep page and total in a span of time at random': ({ store, count }) => {
    const from = firstAt + random(count * 0.4) * apartMs;
    return pageAndTotal(store, { from, below: from + count * apartMs * 0.5, offset: Math.floor(count * 0.3) });
  },
};

async function pageAndTotal(store, { order = 'rising', ...query }) {
  const { offset, ...matching } = query;
  const [found, total] = await Promise.all([
    store.findDocuments({ collection: 'pours', ...query, order, limit: page }),
    store.countDocuments({ collection: 'pours', ...matching }),
  ]);
  if (found.length !== Math.min(page, total - offset))
    throw new Error(`a page has ${found.length} of ${total} from ${offset} on`);
}

function random(below) {
  return Math.floor(Math.random() * below);
}

/** A store with pours, most of them in the order of their times. */
async function openFilled(folder, count) {
  const { openThreadedJobStore } = await import(new URL('adapters/sqlite/threaded-job-store.js', dist));
  const { systemClock } = await import(new URL('core/clock.js', dist));
  const { newId } = await import(new URL('core/ids.js', dist));
  const store = await openThreadedJobStore({ path: join(folder, 'jobs.sqlite'), clock: systemClock });
  await store.declare([collection]);
  const ids = [];
  const calls = [];
  for (let first = 0; first < count; first += batch) {
    const changes = Array.from({ length: Math.min(batch, count - first) }, (_, at) => insertion(newId(), first + at));
    for (const { id } of changes) ids.push(id);
    const begin = process.cpuUsage();
    await store.writeDocuments(changes);
    const { user, system } = process.cpuUsage(begin);
    calls.push((user + system) / changes.length);
  }
  const asked = { store, count, anyId: () => ids[random(count)] };
  return {
    insertUs: median(calls),
    /** Of so many looks, one by one. */
    async median(look, looks) {
      const times = [];
      for (let at = 0; at < looks; at++) {
        const begin = performance.now();
        await look(asked);
        times.push((performance.now() - begin) * 1_000);
      }
      return median(times);
    },
    stop: () => store.close(),
  };
}

function insertion(id, number) {
  const tap = random(taps);
  const late = number % 20 === 0 ? random(600_000) : 0;
  const body = { tap, type: types[number % types.length], volume: 100 + random(900), at: firstAt + number * apartMs - late };
  return {
    kind: 'insert',
    collection: 'pours',
    id,
    key: `${tap}/${number}`,
    body,
    event: { type: 'beer.poured', data: { id, ...body } },
  };
}
