import type { Json, JsonObject } from '../../core/json.ts';
import type {
  Collection,
  DocumentChange,
  DocumentOutcome,
  DocumentQuery,
  DocumentStore,
  StoredDocument,
  ValueCount,
} from '../../ports/document-store.ts';
import type { Tables } from './tables.ts';

type Matching = Pick<DocumentQuery, 'where' | 'from' | 'below'>;

/** The documents of the memory store: every question reads through all of them. */
export function documentStoreOn(tables: Tables): DocumentStore {
  const collections = new Map<string, Documents>();

  function get(name: string): Documents {
    const collection = collections.get(name);
    if (collection === undefined) throw new Error(`the collection ${name} is not declared`);
    return collection;
  }

  return {
    async declare(declared) {
      for (const one of declared) {
        const collection = collections.get(one.name);
        if (collection === undefined) collections.set(one.name, new Documents(one, tables));
        else collection.declared = one;
      }
    },
    async writeDocuments(changes) {
      for (const { collection } of changes) get(collection);
      return changes.map((change) => get(change.collection).write(change));
    },
    getDocument: async (collection, id) => get(collection).byId(id),
    getNumbered: async (collection, number) => get(collection).byNumber(number),
    async findDocuments({ collection, offset, limit, order, ...matching }) {
      const found = get(collection).matching(matching);
      return (order === 'rising' ? found : found.reverse()).slice(offset, offset + limit);
    },
    countDocuments: async ({ collection, ...matching }) => get(collection).matching(matching).length,
    async countEach(collection, member) {
      return get(collection).countEach(member);
    },
    documentLog: async (request) => tables.documentLog(request),
    documentLogPruned: async () => tables.documentEventsPruned,
    pruneDocumentLog: async (limit, keepMs) => tables.pruneDocumentLog(limit, keepMs),
  };
}

class Documents {
  declared: Collection;
  readonly #tables: Tables;
  readonly #documents = new Map<string, StoredDocument>();
  readonly #keys = new Map<string, number>();
  /** Values in the order in which they first came. */
  readonly #values = new Map<string, Set<string>>();
  #nextNumber = 0;

  constructor(declared: Collection, tables: Tables) {
    this.declared = declared;
    this.#tables = tables;
  }

  byId(id: string): StoredDocument | null {
    return copyOf(this.#documents.get(id));
  }

  byNumber(number: number): StoredDocument | null {
    return copyOf([...this.#documents.values()].find((document) => document.number === number));
  }

  write(change: DocumentChange): DocumentOutcome {
    if (change.kind === 'tell') {
      const { collection, event, counted } = change;
      const counts = counted === undefined ? {} : { counts: this.#counts(counted) };
      this.#tables.tell({ type: event.type, data: { ...event.data, ...counts }, collection, id: null, number: null });
      return { kind: 'told' };
    }
    const outcome = change.kind === 'insert' ? this.#insert(change) : this.#change(change);
    if (outcome.kind === 'written' && change.event !== undefined) {
      this.#tables.tell({ ...change.event, collection: change.collection, id: change.id, number: outcome.number });
    }
    return outcome;
  }

  /** In rising order. */
  matching({ where = {}, from = Number.NEGATIVE_INFINITY, below = Number.POSITIVE_INFINITY }: Matching): StoredDocument[] {
    this.#checkIndex(Object.keys(where));
    return [...this.#documents.values()]
      .filter((document) => Object.entries(where).every(([name, value]) => memberOf(document.body, name) === value))
      .map((document) => ({ document, place: this.#placeOf(document) }))
      .filter(({ place }) => place >= from && place < below)
      .sort((a, b) => a.place - b.place || a.document.number - b.document.number)
      .map(({ document }) => structuredClone(document));
  }

  countEach(member: string): ValueCount[] {
    this.#checkIndex([member]);
    const counts = new Map([...(this.#values.get(member) ?? [])].map((value) => [value, 0]));
    for (const { body } of this.#documents.values()) {
      const value = memberOf(body, member);
      if (isIndexed(value)) counts.set(JSON.stringify(value), (counts.get(JSON.stringify(value)) ?? 0) + 1);
    }
    return [...counts].filter(([, count]) => count > 0).map(([value, count]) => ({ value, count }));
  }

  #counts(member: string): Json[] {
    return this.countEach(member).map(({ value, count }) => [JSON.parse(value), count]);
  }

  #insert({ id, key, body }: Extract<DocumentChange, { kind: 'insert' }>): DocumentOutcome {
    const known = key === undefined ? undefined : this.#keys.get(key);
    if (known !== undefined) return { kind: 'known', document: this.byNumber(known) };
    if (this.#documents.has(id)) return { kind: 'taken' };
    const number = this.#nextNumber;
    this.#nextNumber += 1;
    if (key !== undefined) this.#keys.set(key, number);
    this.#put({ id, number, body });
    return { kind: 'written', number };
  }

  #change(change: Extract<DocumentChange, { kind: 'replace' | 'remove' }>): DocumentOutcome {
    const { id } = change;
    const before = this.#documents.get(id);
    if (before === undefined) return { kind: 'absent' };
    if (change.kind === 'remove') this.#documents.delete(id);
    else this.#put({ id, number: before.number, body: change.body });
    return { kind: 'written', number: before.number };
  }

  #put(document: StoredDocument): void {
    this.#documents.set(document.id, structuredClone(document));
    for (const [member, value] of Object.entries(document.body)) {
      if (!isIndexed(value)) continue;
      const values = this.#values.get(member) ?? new Set();
      this.#values.set(member, values.add(JSON.stringify(value)));
    }
  }

  #placeOf({ body, number }: StoredDocument): number {
    const { orderedBy } = this.declared;
    if (orderedBy === undefined) return number;
    const place = memberOf(body, orderedBy);
    return typeof place === 'number' && Number.isSafeInteger(place) ? place : 0;
  }

  #checkIndex(members: readonly string[]): void {
    const wanted = [...members].sort().join();
    const isDeclared = members.length === 0 || this.declared.indexes.some((index) => [...index].sort().join() === wanted);
    if (!isDeclared) throw new Error(`${this.declared.name} has no index of ${members.join(' and ')}`);
  }
}

function isIndexed(value: Json | undefined): boolean {
  return value !== undefined && value !== null && typeof value !== 'object';
}

function memberOf(body: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(body, name) ? body[name] : undefined;
}

function copyOf(document: StoredDocument | undefined): StoredDocument | null {
  return document === undefined ? null : structuredClone(document);
}
