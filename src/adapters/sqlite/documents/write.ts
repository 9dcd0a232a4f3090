import type { Json, JsonObject } from '../../../core/json.ts';
import { parse } from '../rows.ts';
import { declaredIndex, type Index, type KnownCollection, placeOf, valueIn } from './collections.ts';
import type { UnplacedEvent } from './document-log.ts';
import type { DocumentTables } from './document-tables.ts';
import type { ListKey } from './list-key.ts';
import type { Additions } from './lists.ts';
import type { PackedChange, PackedEvent, PackedOutcome } from './packed-document.ts';

type Of<Kind> = Extract<PackedChange, { kind: Kind }>;

/** What a call was answered, or what it threw before anything of it was written. */
export type CallOutcome = { readonly outcomes: PackedOutcome[] } | { readonly error: unknown };

/**
 * Writes the changes of several calls, in order. What documents that come in add to lists, numbers and the log is gathered and written
 * once for all of them; whoever looks at a list before that (a removal, a replacement) has it written first. Belongs into a transaction.
 */
export function write(tables: DocumentTables, calls: readonly (readonly PackedChange[])[]): CallOutcome[] {
  const writing = new Writing(tables);
  const outcomes = calls.map((changes): CallOutcome => {
    try {
      for (const change of changes) writing.check(change);
    } catch (error) {
      return { error };
    }
    return { outcomes: changes.map((change) => writing.write(change)) };
  });
  writing.finish();
  return outcomes;
}

class Writing {
  readonly #tables: DocumentTables;
  readonly #collections = new Map<string, OpenCollection>();
  readonly #events: UnplacedEvent[] = [];

  constructor(tables: DocumentTables) {
    this.#tables = tables;
  }

  collection(name: string): OpenCollection {
    const open = this.#collections.get(name) ?? new OpenCollection(this.#tables, this.#tables.collections.get(name));
    this.#collections.set(name, open);
    return open;
  }

  /** Throws where the change cannot be written whatever there is. */
  check(change: PackedChange): void {
    const collection = this.collection(change.collection);
    if (change.kind === 'tell' && change.counted !== undefined) collection.indexOf(change.counted);
  }

  write(change: PackedChange): PackedOutcome {
    if (change.kind === 'insert') return this.#insert(change);
    if (change.kind === 'replace') return this.#replace(change);
    if (change.kind === 'remove') return this.#remove(change);
    const { event, counted } = change;
    const counts = counted === undefined ? null : this.collection(change.collection).counts(counted);
    this.#tell(change.collection, null, null, counts === null ? event : withCounts(event, counts));
    return { kind: 'told' };
  }

  finish(): void {
    for (const collection of this.#collections.values()) collection.finish();
    this.#tables.log.append(this.#events);
  }

  #insert({ collection: name, id, body, key, event }: Of<'insert'>): PackedOutcome {
    const { documents } = this.#tables;
    const collection = this.collection(name);
    const known = key === undefined ? null : documents.keyed(collection.id, key);
    if (known !== null) return { kind: 'known', document: documents.numbered(collection.id, known) };
    const number = collection.nextNumber;
    if (!documents.insert(collection.id, { number, id, body })) return { kind: 'taken' };
    if (key !== undefined) documents.keep(collection.id, key, number);
    collection.add(number, parse(body));
    this.#tell(name, id, number, event);
    return { kind: 'written', number };
  }

  #replace({ collection: name, id, body, event }: Of<'replace'>): PackedOutcome {
    const { documents } = this.#tables;
    const collection = this.collection(name);
    const before = documents.get(collection.id, id);
    if (before === null) return { kind: 'absent' };
    const { number } = before;
    documents.replace(collection.id, { number, id, body });
    collection.move(number, parse(before.body), parse(body));
    this.#tell(name, id, number, event);
    return { kind: 'written', number };
  }

  #remove({ collection: name, id, event }: Of<'remove'>): PackedOutcome {
    const { documents } = this.#tables;
    const collection = this.collection(name);
    const before = documents.get(collection.id, id);
    if (before === null) return { kind: 'absent' };
    const { number } = before;
    documents.delete(collection.id, number);
    collection.move(number, parse(before.body), null);
    this.#tell(name, id, number, event);
    return { kind: 'written', number };
  }

  #tell(collection: string, id: string | null, number: number | null, event: PackedEvent | undefined): void {
    if (event !== undefined) this.#events.push({ collection, id, number, type: event.type, data: event.data });
  }
}

/** A collection while it is written to. */
class OpenCollection {
  readonly id: number;
  readonly #tables: DocumentTables;
  readonly #known: KnownCollection;
  readonly #listIds = new Map<string, number>();
  readonly #firstNumber: number;
  #nextNumber: number;
  #additions: Additions = new Map();

  constructor(tables: DocumentTables, known: KnownCollection) {
    this.#tables = tables;
    this.#known = known;
    this.id = known.id;
    this.#firstNumber = tables.collections.nextNumber(known.id);
    this.#nextNumber = this.#firstNumber;
  }

  indexOf(member: string): Index {
    return declaredIndex(this.#known, [member]);
  }

  get nextNumber(): number {
    return this.#nextNumber;
  }

  /** A document has come in, and has used the next number up. */
  add(number: number, body: JsonObject): void {
    this.#nextNumber = number + 1;
    const key = this.#keyOf(number, body);
    for (const list of this.#listsOf(body)) this.#gather(list, key);
  }

  /** A document has changed or, where it is null then, gone. Lists in which it stands where it stood are left alone. */
  move(number: number, before: JsonObject, after: JsonObject | null): void {
    const from = this.#keyOf(number, before);
    const to = after === null ? null : this.#keyOf(number, after);
    const had = this.#listsOf(before);
    const has = after === null ? [] : this.#listsOf(after);
    const stays = to?.place === from.place ? has.filter((list) => had.includes(list)) : [];
    const left = had.filter((list) => !stays.includes(list));
    if (left.length > 0) this.#addGathered();
    for (const list of left) this.#tables.lists.remove(list, from);
    if (to !== null) for (const list of has) if (!stays.includes(list)) this.#gather(list, to);
  }

  /** How many documents there are for each value of a member now, as JSON text. */
  counts(member: string): string {
    this.#addGathered();
    const rows = this.#tables.lists.values(this.id, this.indexOf(member));
    return `[${rows.map(({ value, entries }) => `[${value.slice(1, -1)},${entries}]`).join(',')}]`;
  }

  finish(): void {
    this.#addGathered();
    if (this.#nextNumber > this.#firstNumber) this.#tables.collections.setNextNumber(this.id, this.#nextNumber);
  }

  #gather(list: number, key: ListKey): void {
    const keys = this.#additions.get(list);
    if (keys === undefined) this.#additions.set(list, [key]);
    else keys.push(key);
  }

  #addGathered(): void {
    if (this.#additions.size === 0) return;
    this.#tables.lists.add(this.#additions);
    this.#additions = new Map();
  }

  #keyOf(number: number, body: JsonObject): ListKey {
    return { place: placeOf(this.#known, body, number), number };
  }

  #listsOf(body: JsonObject): number[] {
    const lists: number[] = [];
    for (const index of this.#known.indexes) {
      const value = valueIn(index, body);
      if (value === null) continue;
      const name = `${index.text} ${value}`;
      const list = this.#listIds.get(name) ?? this.#tables.lists.idOf(this.id, index, value);
      this.#listIds.set(name, list);
      lists.push(list);
    }
    return lists;
  }
}

function withCounts({ type, data }: PackedEvent, counts: string): PackedEvent {
  return { type, data: JSON.stringify({ ...parse<JsonObject>(data), counts: parse<Json>(counts) }) };
}
