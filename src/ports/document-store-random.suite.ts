import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { OpenJobStore } from '../../test/support/job-store-bench.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { randomRuns } from '../../test/support/random-runs.ts';
import type { JsonObject } from '../core/json.ts';
import type {
  Collection,
  DocumentChange,
  DocumentOutcome,
  DocumentQuery,
  DocumentStore,
  StoredDocument,
} from './document-store.ts';

/** How many cases: `COATCHECK_TEST_CASES`, see random-runs.ts. */
const casesDefault = 24;
const collection: Collection = { name: 'c', orderedBy: 'at', indexes: [['a'], ['b'], ['b', 'a']] };

const body = fc.record(
  {
    at: fc.oneof(fc.integer({ min: -3, max: 40 }), fc.constant('late')),
    a: fc.constantFrom('x', 'y', 1, '1'),
    b: fc.constantFrom(true, 0, null),
  },
  { requiredKeys: [] },
);
const id = fc.nat(400).map(String);
/** Many documents at once, so that lists get more than one level of spans. */
const flood = fc.record({
  kind: fc.constant('flood' as const),
  count: fc.integer({ min: 100, max: 900 }),
  spread: fc.constantFrom(1, 7, 1_000),
  body,
});
const drain = fc.record({ kind: fc.constant('drain' as const), from: fc.nat(2_000), count: fc.integer({ min: 50, max: 700 }) });
const change = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('insert' as const), id, body, key: fc.option(fc.constantFrom('k', 'l', 'm')) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('replace' as const), id, body }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), id }) },
);
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.array(change, { minLength: 1, maxLength: 30 }).map((changes) => ({ kind: 'changes' as const, changes })),
  },
  { weight: 2, arbitrary: flood },
  { weight: 2, arbitrary: drain },
);
const question = fc.record({
  where: fc.constantFrom<NonNullable<DocumentQuery['where']>[]>({}, { a: 'x' }, { a: 1 }, { b: true }, { a: '1', b: 0 }),
  from: fc.option(fc.integer({ min: -5, max: 1_100 }), { nil: undefined }),
  below: fc.option(fc.integer({ min: -5, max: 1_100 }), { nil: undefined }),
  order: fc.constantFrom('rising' as const, 'falling' as const),
  offset: fc.oneof(fc.nat(20), fc.nat(2_500)),
  limit: fc.integer({ min: 1, max: 40 }),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** What the store must say, kept in a plain list. */
class Model {
  #documents: StoredDocument[] = [];
  readonly #keys = new Map<string, string>();
  #next = 0;

  write(change: DocumentChange): DocumentOutcome {
    if (change.kind === 'tell') return { kind: 'told' };
    const known = this.#documents.find((document) => document.id === change.id);
    if (change.kind === 'insert') {
      const owner = change.key === undefined ? undefined : this.#keys.get(change.key);
      if (owner !== undefined)
        return { kind: 'known', document: this.#documents.find(({ number }) => `${number}` === owner) ?? null };
      if (known !== undefined) return { kind: 'taken' };
      const number = this.#next;
      this.#next += 1;
      if (change.key !== undefined) this.#keys.set(change.key, `${number}`);
      this.#documents.push({ id: change.id, number, body: change.body });
      return { kind: 'written', number };
    }
    if (known === undefined) return { kind: 'absent' };
    this.#documents = this.#documents.filter((document) => document !== known);
    if (change.kind === 'replace') this.#documents.push({ ...known, body: change.body });
    return { kind: 'written', number: known.number };
  }

  matching({ where = {}, from, below, order }: Omit<DocumentQuery, 'offset' | 'limit'>): StoredDocument[] {
    const found = this.#documents
      .filter(({ body }) => Object.entries(where).every(([name, value]) => body[name] === value))
      .filter(({ body }) => placeOf(body) >= (from ?? -1e9) && placeOf(body) < (below ?? 1e9))
      .sort((a, b) => placeOf(a.body) - placeOf(b.body) || a.number - b.number);
    return order === 'rising' ? found : found.reverse();
  }

  /** In any order. */
  counts(member: string): string[] {
    const values = this.#documents.map(({ body }) => body[member]).filter((value) => value !== undefined && value !== null);
    return [...new Set(values)].map((value) => `${JSON.stringify(value)} ${values.filter((other) => other === value).length}`);
  }
}

function placeOf({ at }: JsonObject): number {
  return typeof at === 'number' ? at : 0;
}

function changesOf(step: Step): DocumentChange[] {
  if (step.kind === 'changes') {
    return step.changes.map((change): DocumentChange => {
      if (change.kind !== 'insert') return { collection: 'c', ...change };
      const { key, ...others } = change;
      return { collection: 'c', ...others, ...(key === null ? {} : { key }) };
    });
  }
  return Array.from({ length: step.count }, (_, n): DocumentChange => {
    if (step.kind === 'drain') return { kind: 'remove', collection: 'c', id: `flood ${step.from + n}` };
    return {
      kind: 'insert',
      collection: 'c',
      id: `flood ${n * step.spread}`,
      body: { ...step.body, at: (n * step.spread) % 1_009 },
    };
  });
}

async function compare(store: DocumentStore, model: Model, query: Omit<DocumentQuery, 'collection'>): Promise<void> {
  const { offset, limit, order, ...matching } = query;
  const whole = model.matching({ collection: 'c', ...matching, order });
  expect(await store.findDocuments({ collection: 'c', ...query })).toEqual(whole.slice(offset, offset + limit));
  expect(await store.countDocuments({ collection: 'c', ...matching })).toBe(whole.length);
}

/** After any sequence of changes documents, pages and totals are those of a plain list. */
export function documentRandomPromises(open: OpenJobStore): void {
  for (const run of randomRuns(casesDefault)) {
    test(`documents, pages and totals are those of a plain model (seed ${run.seed})`, { timeout: 300_000 }, async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(step, { minLength: 1, maxLength: 12 }),
          fc.array(question, { minLength: 8, maxLength: 20 }),
          async (steps, questions) => {
            const store = await open(new ManualClock());
            try {
              await store.declare([collection]);
              const model = new Model();
              for (const one of steps) {
                const changes = changesOf(one);
                expect(await store.writeDocuments(changes)).toEqual(changes.map((change) => model.write(change)));
              }
              for (const query of questions) await compare(store, model, query);
              for (const member of ['a', 'b']) {
                const counted = (await store.countEach('c', member)).map(({ value, count }) => `${value} ${count}`);
                expect(counted.sort()).toEqual(model.counts(member).sort());
              }
            } finally {
              await store.close();
            }
          },
        ),
        run,
      );
    });
  }
}
