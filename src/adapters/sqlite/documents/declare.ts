import type { JsonObject } from '../../../core/json.ts';
import type { Collection } from '../../../ports/document-store.ts';
import { parse } from '../rows.ts';
import { type Index, type KnownCollection, placeOf, valueIn } from './collections.ts';
import type { DocumentTables } from './document-tables.ts';
import type { Additions } from './lists.ts';

/** So many documents are read at a time to fill an index. */
const pageMax = 10_000;

/** Notes what is declared of a collection, and makes its lists what they then should be. */
export function declare(tables: DocumentTables, declared: Collection): void {
  const { collections, lists } = tables;
  const before = collections.find(declared.name);
  collections.put(declared);
  const now = collections.get(declared.name);
  // In another order every list is another.
  const kept = before === null || before.orderedBy !== now.orderedBy ? [] : before.indexes;
  const known = new Set(kept.map(({ text }) => text));
  const wanted = new Set(now.indexes.map(({ text }) => text));
  for (const { text } of before?.indexes ?? []) if (!(known.has(text) && wanted.has(text))) lists.drop(now.id, text);
  if (before !== null)
    fill(
      tables,
      now,
      now.indexes.filter(({ text }) => !known.has(text)),
    );
}

function fill({ documents, lists }: DocumentTables, collection: KnownCollection, indexes: readonly Index[]): void {
  if (indexes.length === 0) return;
  let from = 0;
  for (let page = documents.page(collection.id, from, pageMax); page.length > 0; ) {
    const additions: Additions = new Map();
    for (const { number, body: text } of page) {
      const body = parse<JsonObject>(text);
      const key = { place: placeOf(collection, body, number), number };
      for (const index of indexes) {
        const value = valueIn(index, body);
        if (value === null) continue;
        const list = lists.idOf(collection.id, index, value);
        const keys = additions.get(list);
        if (keys === undefined) additions.set(list, [key]);
        else keys.push(key);
      }
      from = number + 1;
    }
    lists.add(additions);
    page = documents.page(collection.id, from, pageMax);
  }
}
