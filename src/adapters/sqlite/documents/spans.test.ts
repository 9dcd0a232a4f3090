import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { randomRuns } from '../../../../test/support/random-runs.ts';
import { openDatabase } from '../database.ts';
import { compareKeys, endKey, type ListKey } from './list-key.ts';
import { spans } from './spans.ts';

/** How many cases: `COATCHECK_TEST_CASES`, see random-runs.ts. */
const casesDefault = 40;
/** So small that some dozens of entries make several levels. */
const sizes = { entriesMax: 4, spansMax: 3 };

type OpenDatabase = ReturnType<typeof openDatabase>;
let database: OpenDatabase;

beforeEach(() => {
  database = openDatabase(':memory:');
});
afterEach(() => database.close());

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('append' as const), count: fc.integer({ min: 1, max: 40 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('scatter' as const),
      places: fc.array(fc.nat(60), { minLength: 1, maxLength: 40 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('remove' as const), which: fc.array(fc.nat(10_000), { maxLength: 30 }) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('clear' as const), from: fc.nat(10_000), count: fc.nat(60) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** A list with entries of its own, as `lists.ts` keeps one, beside the same keys in an array. */
class Comparison {
  readonly #counted;
  readonly #statements;
  readonly #list: number;
  #keys: ListKey[] = [];
  #number = 0;

  constructor() {
    this.#counted = spans(database, sizes);
    this.#statements = {
      insert: database.prepare('INSERT INTO document_entries VALUES (?, ?, ?)'),
      delete: database.prepare('DELETE FROM document_entries WHERE list = ? AND place = ? AND number = ?'),
      levels: database.prepare<[number], number>('SELECT levels FROM document_lists WHERE id = ?').pluck(),
    };
    const make = database.prepare("INSERT INTO document_lists (collection, members, value) VALUES (1, '', hex(randomblob(8)))");
    this.#list = Number(make.run().lastInsertRowid);
  }

  get levels(): number {
    return this.#statements.levels.get(this.#list) ?? 0;
  }

  take(step: Step): void {
    if (step.kind === 'append') this.#add(Array.from({ length: step.count }, () => 1_000));
    if (step.kind === 'scatter') this.#add(step.places);
    if (step.kind === 'remove') for (const which of step.which) this.#remove(which);
    if (step.kind === 'clear') for (let n = 0; n < step.count; n += 1) this.#remove(step.from);
  }

  verify(): void {
    for (const [before, key] of this.#keys.entries()) {
      expect(this.#counted.before(this.#list, this.levels, key)).toBe(before);
      expect(this.#counted.at(this.#list, this.levels, before)).toEqual(key);
    }
    for (let place = -1; place <= 1_001; place += 7) {
      const key = { place, number: -1 };
      const before = this.#keys.filter((other) => compareKeys(other, key) < 0).length;
      expect(this.#counted.before(this.#list, this.levels, key)).toBe(before);
    }
    expect(this.#counted.before(this.#list, this.levels, endKey)).toBe(this.#keys.length);
    expect(this.#counted.at(this.#list, this.levels, this.#keys.length)).toBeNull();
  }

  #add(places: readonly number[]): void {
    const keys = places.map((place) => {
      this.#number += 1;
      return { place, number: this.#number };
    });
    keys.sort(compareKeys);
    for (const { place, number } of keys) this.#statements.insert.run(this.#list, place, number);
    this.#counted.added(this.#list, keys);
    this.#keys = [...this.#keys, ...keys].sort(compareKeys);
  }

  #remove(which: number): void {
    const [key] = this.#keys.splice(which % Math.max(1, this.#keys.length), 1);
    if (key === undefined) return;
    this.#statements.delete.run(this.#list, key.place, key.number);
    this.#counted.removed(this.#list, key);
  }
}

test.each(randomRuns(casesDefault))(
  'places are those of a plain list, whatever came and went (seed $seed)',
  { timeout: 120_000 },
  (run) => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
        const comparison = new Comparison();
        for (const one of steps) {
          comparison.take(one);
          comparison.verify();
        }
      }),
      run,
    );
  },
);

test('a list gets levels as it grows, and few of its spans are left when all of its entries are gone', () => {
  const comparison = new Comparison();
  for (let n = 0; n < 25; n += 1) comparison.take({ kind: 'append', count: 40 });
  // 1,000 entries, 4 to a span, 3 spans to one above it.
  expect(comparison.levels).toBe(6);
  comparison.verify();
  comparison.take({ kind: 'clear', from: 0, count: 1_000 });
  comparison.verify();
  const left = database.prepare<[], number>('SELECT count(*) FROM document_spans').pluck().get();
  expect(left).toBeLessThan(20);
  comparison.take({ kind: 'scatter', places: [1, 2, 3, 4, 5, 6, 7, 8, 9] });
  comparison.verify();
});
