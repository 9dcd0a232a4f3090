import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Bench, OpenJobStore } from '../../test/support/job-store-bench.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { newId } from '../core/ids.ts';
import type { JsonObject } from '../core/json.ts';
import type { Collection, DocumentChange, DocumentQuery } from './document-store.ts';
import { documentLogPromises } from './document-store-log.suite.ts';
import { documentRandomPromises } from './document-store-random.suite.ts';

const beers: Collection = { name: 'beers', orderedBy: 'at', indexes: [['type'], ['tap'], ['type', 'tap']] };
const notes: Collection = { name: 'notes', indexes: [['tag']] };

/** Every promise of the port of documents, run against a real store. `open` makes an empty store. */
export function describeDocumentStore(name: string, open: OpenJobStore): void {
  describe(`the documents of the ${name} store`, () => {
    // Filled before each test.
    const bench = {} as Bench;

    beforeEach(async () => {
      bench.clock = new ManualClock();
      bench.store = await open(bench.clock);
      await bench.store.declare([beers, notes]);
    });
    afterEach(() => bench.store.close());

    writePromises(bench);
    valuePromises(bench);
    describe('that are looked for', () => findPromises(bench));
    declarePromises(bench);
    documentLogPromises(bench);
    documentRandomPromises(open);
  });
}

function insertion(body: JsonObject, more: { id?: string; key?: string; collection?: string } = {}): DocumentChange {
  return { kind: 'insert', collection: 'beers', id: newId(), body, ...more };
}

/** Inserts documents and fails where one is refused; their ids. */
async function inserted({ store }: Bench, collection: string, ...bodies: JsonObject[]): Promise<string[]> {
  const changes = bodies.map((body) => ({ kind: 'insert' as const, collection, id: newId(), body }));
  const outcomes = await store.writeDocuments(changes);
  expect(outcomes.map(({ kind }) => kind)).toEqual(bodies.map(() => 'written'));
  return changes.map(({ id }) => id);
}

/** Finds in rising order, and the whole of it, unless told otherwise. */
function finder(bench: Bench) {
  return async (more: Partial<DocumentQuery> = {}): Promise<JsonObject[]> => {
    const query: DocumentQuery = { collection: 'beers', order: 'rising', offset: 0, limit: 1_000, ...more };
    return (await bench.store.findDocuments(query)).map(({ body }) => body);
  };
}

function writePromises(bench: Bench): void {
  test('a document is found by its id and by its number, and numbers rise from 0 in each collection', async () => {
    const { store } = bench;
    const [first = '', second = ''] = await inserted(bench, 'beers', { n: 1 }, { n: 2 });
    await inserted(bench, 'notes', { text: 'a note' });
    expect(await store.getDocument('beers', second)).toEqual({ id: second, number: 1, body: { n: 2 } });
    expect(await store.getNumbered('beers', 0)).toEqual({ id: first, number: 0, body: { n: 1 } });
    expect((await store.getNumbered('notes', 0))?.body).toEqual({ text: 'a note' });
    expect([await store.getDocument('notes', first), await store.getDocument('beers', 'none')]).toEqual([null, null]);
    expect([await store.getNumbered('beers', 2), await store.getNumbered('beers', -1)]).toEqual([null, null]);
  });

  test('a number is never given twice, not even that of the newest document after it was removed', async () => {
    const { store } = bench;
    const [, second = ''] = await inserted(bench, 'beers', {}, {});
    await store.writeDocuments([{ kind: 'remove', collection: 'beers', id: second }]);
    expect(await store.writeDocuments([insertion({})])).toEqual([{ kind: 'written', number: 2 }]);
    expect(await store.getNumbered('beers', 1)).toBeNull();
  });

  test('what is refused uses up no number, writes nothing and spoils no neighbour', async () => {
    const { store } = bench;
    const id = newId();
    const outcomes = await store.writeDocuments([
      insertion({ n: 0 }, { id, key: 'k' }),
      insertion({ n: 1 }, { key: 'k' }),
      insertion({ n: 2 }, { id }),
      { kind: 'replace', collection: 'beers', id: 'none', body: {} },
      { kind: 'remove', collection: 'beers', id: 'none' },
      insertion({ n: 3 }),
    ]);
    expect(outcomes).toEqual([
      { kind: 'written', number: 0 },
      { kind: 'known', document: { id, number: 0, body: { n: 0 } } },
      { kind: 'taken' },
      { kind: 'absent' },
      { kind: 'absent' },
      { kind: 'written', number: 1 },
    ]);
    expect(await finder(bench)()).toEqual([{ n: 0 }, { n: 3 }]);
  });

  test('changes of one call see each other', async () => {
    const { store } = bench;
    const id = newId();
    const outcomes = await store.writeDocuments([
      insertion({ type: 'pint' }, { id }),
      { kind: 'replace', collection: 'beers', id, body: { type: 'half' } },
      { kind: 'remove', collection: 'beers', id },
      insertion({ type: 'stein' }, { id }),
      { kind: 'replace', collection: 'beers', id, body: { type: 'pint' } },
    ]);
    expect(outcomes).toEqual([0, 0, 0, 1, 1].map((number) => ({ kind: 'written', number })));
    expect(await store.countEach('beers', 'type')).toEqual([{ value: '"pint"', count: 1 }]);
    expect(await store.getDocument('beers', id)).toEqual({ id, number: 1, body: { type: 'pint' } });
  });

  test('of documents with one key only the first is kept, even where it has changed or is gone', async () => {
    const { store } = bench;
    const [first, second] = [newId(), newId()];
    await store.writeDocuments([insertion({ n: 1 }, { id: first, key: 'same' })]);
    await store.writeDocuments([{ kind: 'replace', collection: 'beers', id: first, body: { n: 9 } }]);
    expect(await store.writeDocuments([insertion({ n: 2 }, { key: 'same' })])).toEqual([
      { kind: 'known', document: { id: first, number: 0, body: { n: 9 } } },
    ]);
    await store.writeDocuments([{ kind: 'remove', collection: 'beers', id: first }]);
    expect(await store.writeDocuments([insertion({ n: 3 }, { id: second, key: 'same' })])).toEqual([
      { kind: 'known', document: null },
    ]);
    expect(await store.getDocument('beers', second)).toBeNull();
    // Keys are those of one collection.
    expect(await store.writeDocuments([insertion({}, { key: 'same', collection: 'notes' })])).toEqual([
      { kind: 'written', number: 0 },
    ]);
  });

  test('a document that is replaced keeps its id and number', async () => {
    const { store } = bench;
    const [id = ''] = await inserted(bench, 'beers', { n: 1, type: 'half', at: 5 });
    const outcomes = await store.writeDocuments([{ kind: 'replace', collection: 'beers', id, body: { type: 'pint', at: 7 } }]);
    expect(outcomes).toEqual([{ kind: 'written', number: 0 }]);
    expect(await store.getNumbered('beers', 0)).toEqual({ id, number: 0, body: { type: 'pint', at: 7 } });
    expect(await finder(bench)({ where: { type: 'half' } })).toEqual([]);
    expect(await finder(bench)({ where: { type: 'pint' }, from: 6 })).toHaveLength(1);
  });

  test('calls that come at once are all done, in the order in which they came', async () => {
    const { store } = bench;
    const ids = Array.from({ length: 300 }, () => newId());
    const outcomes = await Promise.all(ids.map((id, n) => store.writeDocuments([insertion({ n, tap: n % 3 }, { id })])));
    expect(outcomes).toEqual(ids.map((_, number) => [{ kind: 'written', number }]));
    expect(await finder(bench)()).toEqual(ids.map((_, n) => ({ n, tap: n % 3 })));
    await Promise.all(ids.map((id) => store.writeDocuments([{ kind: 'remove', collection: 'beers', id }])));
    expect([await store.countDocuments({ collection: 'beers' }), await store.countEach('beers', 'tap')]).toEqual([0, []]);
  });

  test('a call with a collection that was never declared is refused whole, and its neighbours are written', async () => {
    const { store } = bench;
    const [before, refused, after] = await Promise.allSettled([
      store.writeDocuments([insertion({ n: 1 })]),
      store.writeDocuments([insertion({ n: 2 }), insertion({}, { collection: 'nowhere' })]),
      store.writeDocuments([insertion({ n: 3 })]),
    ]);
    expect([before?.status, refused?.status, after?.status]).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await finder(bench)()).toEqual([{ n: 1 }, { n: 3 }]);
    await expect(store.getDocument('nowhere', 'x')).rejects.toThrow('not declared');
  });
}

function valuePromises(bench: Bench): void {
  const odd: JsonObject[] = [
    {},
    { text: 'Grüße, 世界 🍺 \u0000 \ud800 "quoted" \\ \n' },
    { deep: { list: [1, [2, [null, { three: [] }]], true, -1.5e-7, 1e21] } },
    { large: 'x'.repeat(2 * 1024 ** 2) },
    JSON.parse('{"__proto__": {"evil": true}, "constructor": 1, "toString": null}'),
    { '': 'no name', "a'); DROP TABLE documents; --": '$."x"', '$.a[0]': 1 },
  ];

  test('every JSON object comes back as it was', async () => {
    const ids = await inserted(bench, 'beers', ...odd);
    for (const [at, id] of ids.entries()) {
      const body = (await bench.store.getDocument('beers', id))?.body;
      expect(JSON.stringify(body)).toBe(JSON.stringify(odd[at]));
      expect(Object.keys(body ?? {})).toEqual(Object.keys(odd[at] ?? {}));
    }
    expect(Object.hasOwn(Object.prototype, 'evil')).toBe(false);
  });

  test('what was handed in may change afterwards, and so may what was given', async () => {
    const body: JsonObject = { tap: 1 };
    const writing = bench.store.writeDocuments([insertion(body, { id: 'a' })]);
    body.tap = 2;
    await writing;
    const given = await bench.store.getDocument('beers', 'a');
    expect(given?.body).toEqual({ tap: 1 });
    if (given !== null) given.body.tap = 3;
    expect((await bench.store.getDocument('beers', 'a'))?.body).toEqual({ tap: 1 });
  });

  test('values that look alike and differ in type are apart', async () => {
    const values = [1, '1', true, 'true', 'null', '', 0, false, 1.5, '\u0000', '["1"]', 'Ä'];
    await inserted(bench, 'beers', ...values.map((tap) => ({ tap })), { tap: null }, { tap: [1] }, { tap: { a: 1 } }, {});
    for (const tap of values) {
      expect(await finder(bench)({ where: { tap } })).toEqual([{ tap }]);
      expect(await bench.store.countDocuments({ collection: 'beers', where: { tap } })).toBe(1);
    }
    const each = await bench.store.countEach('beers', 'tap');
    expect(each).toEqual(values.map((value) => ({ value: JSON.stringify(value), count: 1 })));
    expect(await finder(bench)({ where: { tap: 2 } })).toEqual([]);
  });

  test('names of collections, members, keys and ids may be any text', async () => {
    const { store } = bench;
    for (const name of ["x'; DROP TABLE jobs; --", '__proto__', 'a.b["c"]', '', '名前', '%_?']) {
      await store.declare([{ name, indexes: [[name], [name, 'other']] }]);
      const body: JsonObject = JSON.parse(`{${JSON.stringify(name)}: ${JSON.stringify(name)}, "other": 1}`);
      const outcomes = await store.writeDocuments([
        { kind: 'insert', collection: name, id: name, key: name, body },
        { kind: 'insert', collection: name, id: `${name}2`, key: name, body },
      ]);
      const document = { id: name, number: 0, body };
      expect(JSON.stringify(outcomes)).toBe(
        JSON.stringify([
          { kind: 'written', number: 0 },
          { kind: 'known', document },
        ]),
      );
      const where: Record<string, string> = JSON.parse(`{${JSON.stringify(name)}: ${JSON.stringify(name)}}`);
      expect(await finder(bench)({ collection: name, where })).toHaveLength(1);
      expect(await finder(bench)({ collection: name, where: { ...where, other: 1 } })).toHaveLength(1);
      expect(await store.countEach(name, name)).toEqual([{ value: JSON.stringify(name), count: 1 }]);
    }
  });
}

function findPromises(bench: Bench): void {
  const times = [30, 10, 20, 10, 30, 20];
  const bodies = times.map((at, n) => ({ at, n, type: n % 2 === 0 ? 'pint' : 'half', tap: n % 3 }));
  const ns = (found: readonly JsonObject[]) => found.map(({ n }) => n);

  beforeEach(() => inserted(bench, 'beers', ...bodies));

  test('documents stand in the order of their member and then of their numbers, either way', async () => {
    const find = finder(bench);
    expect(ns(await find())).toEqual([1, 3, 2, 5, 0, 4]);
    expect(ns(await find({ order: 'falling' }))).toEqual([4, 0, 5, 2, 3, 1]);
    expect(ns(await find({ where: { type: 'half' } }))).toEqual([1, 3, 5]);
    expect(ns(await find({ where: { type: 'pint', tap: 2 }, order: 'falling' }))).toEqual([2]);
    expect(ns(await find({ where: { tap: 1, type: 'pint' } }))).toEqual([4]);
    expect(await find({ where: { type: 'stein' } })).toEqual([]);
  });

  test('a range begins with its first value and ends before its last', async () => {
    const find = finder(bench);
    expect(ns(await find({ from: 20 }))).toEqual([2, 5, 0, 4]);
    expect(ns(await find({ below: 20 }))).toEqual([1, 3]);
    expect(ns(await find({ from: 10.5, below: 30, order: 'falling' }))).toEqual([5, 2]);
    expect(ns(await find({ from: 20, below: 20 }))).toEqual([]);
    expect(ns(await find({ from: 40, below: 5 }))).toEqual([]);
    expect(ns(await find({ where: { type: 'half' }, from: 20 }))).toEqual([5]);
    const count = (more: Partial<DocumentQuery>) => bench.store.countDocuments({ collection: 'beers', ...more });
    expect(
      await Promise.all([{}, { from: 20 }, { below: 20 }, { from: 10.5, below: 30 }, { from: 40, below: 5 }].map(count)),
    ).toEqual([6, 4, 2, 2, 0]);
    expect(await count({ where: { type: 'half' }, from: 20, below: 30 })).toBe(1);
  });

  test('pages are cut from the whole, and behind its end there is nothing', async () => {
    const find = finder(bench);
    for (const order of ['rising', 'falling'] as const) {
      const whole = await find({ order, from: 20 });
      for (const limit of [1, 3, 100]) {
        for (let offset = 0; offset <= 6; offset += 1) {
          expect(await find({ order, from: 20, offset, limit })).toEqual(whole.slice(offset, offset + limit));
        }
      }
      expect(await find({ order, offset: 1_000_000 })).toEqual([]);
      expect(await find({ order, offset: 0, limit: 0 })).toEqual([]);
    }
  });

  test('a collection without an ordering member stands in the order of its numbers', async () => {
    await inserted(bench, 'notes', { tag: 'a', n: 0 }, { tag: 'b', n: 1 }, { tag: 'a', n: 2 });
    const find = finder(bench);
    expect(ns(await find({ collection: 'notes', order: 'falling' }))).toEqual([2, 1, 0]);
    expect(ns(await find({ collection: 'notes', where: { tag: 'a' }, from: 1 }))).toEqual([2]);
  });

  test('a document whose ordering member is missing or no integer stands at 0, and large times keep their order', async () => {
    const { store } = bench;
    await store.declare([{ name: 'times', orderedBy: 'at', indexes: [] }]);
    const places = [Number.MAX_SAFE_INTEGER, 1, '5', null, 2.5, -1, Number.MIN_SAFE_INTEGER, 0, 1e300];
    await inserted(bench, 'times', ...places.map((at, n) => ({ at, n })), { n: 9 });
    expect(ns(await finder(bench)({ collection: 'times' }))).toEqual([6, 5, 2, 3, 4, 7, 8, 9, 1, 0]);
    expect(ns(await finder(bench)({ collection: 'times', order: 'falling', limit: 2 }))).toEqual([0, 1]);
    expect(await store.countDocuments({ collection: 'times', from: 0, below: 1 })).toBe(6);
  });

  test('an index that was not declared is an error, not a search through everything', async () => {
    const find = finder(bench);
    await expect(find({ where: { n: 1 } })).rejects.toThrow('no index');
    await expect(bench.store.countDocuments({ collection: 'beers', where: { n: 1 } })).rejects.toThrow('no index');
    await expect(bench.store.countEach('beers', 'n')).rejects.toThrow('no index');
  });

  test('values are counted in the order in which they first came', async () => {
    const { store } = bench;
    expect(await store.countEach('beers', 'type')).toEqual([
      { value: '"pint"', count: 3 },
      { value: '"half"', count: 3 },
    ]);
    await inserted(bench, 'beers', { type: 'stein' }, { type: 'pint' });
    const [first] = await store.findDocuments({
      collection: 'beers',
      where: { type: 'half' },
      order: 'rising',
      offset: 0,
      limit: 1,
    });
    await store.writeDocuments([{ kind: 'remove', collection: 'beers', id: first?.id ?? '' }]);
    expect((await store.countEach('beers', 'type')).map(({ value, count }) => `${value} ${count}`)).toEqual([
      '"pint" 4',
      '"half" 2',
      '"stein" 1',
    ]);
  });
}

function declarePromises(bench: Bench): void {
  test('declaring again changes nothing, and numbers go on', async () => {
    const { store } = bench;
    await inserted(bench, 'beers', { type: 'pint' });
    await store.declare([beers, notes]);
    expect(await store.writeDocuments([insertion({ type: 'half' })])).toEqual([{ kind: 'written', number: 1 }]);
    expect(await finder(bench)({ where: { type: 'pint' } })).toHaveLength(1);
  });

  test('a new index finds what was there before, another order holds for it, and an old index is gone', async () => {
    const { store } = bench;
    const bodies = Array.from({ length: 700 }, (_, n) => ({ n, at: n, later: -n, color: n % 2 === 0 ? 'dark' : 'pale' }));
    await inserted(bench, 'beers', ...bodies);
    await store.declare([{ ...beers, indexes: [['color'], ['n', 'color']] }]);
    const find = finder(bench);
    expect(await find({ where: { color: 'pale' }, offset: 300, limit: 2 })).toEqual([bodies[601], bodies[603]]);
    expect(await find({ where: { color: 'dark', n: 8 } })).toEqual([bodies[8]]);
    await expect(find({ where: { type: 'pint' } })).rejects.toThrow('no index');
    await store.declare([{ ...beers, orderedBy: 'later', indexes: [['color']] }]);
    expect(await find({ where: { color: 'pale' }, limit: 2 })).toEqual([bodies[699], bodies[697]]);
    expect(await store.countDocuments({ collection: 'beers', where: { color: 'dark' }, from: -9 })).toBe(5);
    await inserted(bench, 'beers', { later: 1, color: 'dark' });
    expect(await find({ where: { color: 'dark' }, order: 'falling', limit: 1 })).toEqual([{ later: 1, color: 'dark' }]);
  });
}
