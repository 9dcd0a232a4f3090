import type { Database } from 'better-sqlite3';
import { bulkInsert } from '../bulk-insert.ts';
import type { Index } from './collections.ts';
import { compareKeys, type ListKey } from './list-key.ts';
import { spans } from './spans.ts';

export interface List {
  readonly id: number;
  readonly entries: number;
  readonly levels: number;
}

/** Keys that came to lists, to be written together. */
export type Additions = Map<number, ListKey[]>;

/** The documents that have one value in an index, in order: a list for each value. */
export function lists(database: Database) {
  const statements = prepare(database);
  const counted = spans(database);
  const insertEntries = bulkInsert(database, 'document_entries', ['list', 'place', 'number']);

  return {
    find: (collection: number, index: Index, value: string): List | null =>
      statements.find.get(collection, index.text, value) ?? null,

    /** The list of a value, which is made where there is none. */
    idOf(collection: number, { text }: Index, value: string): number {
      const known = statements.find.get(collection, text, value);
      return known?.id ?? Number(statements.make.run(collection, text, value).lastInsertRowid);
    },

    add(additions: Additions): void {
      const sorted = [...additions].map(([list, keys]) => [list, keys.sort(compareKeys)] as const);
      insertEntries(sorted.flatMap(([list, keys]) => keys.map(({ place, number }) => [list, place, number])));
      for (const [list, keys] of sorted) counted.added(list, keys);
    },

    remove(list: number, key: ListKey): void {
      statements.deleteEntry.run(list, key.place, key.number);
      counted.removed(list, key);
    },

    /** How many entries lie before a key. */
    before: ({ id, levels }: List, key: ListKey): number => counted.before(id, levels, key),
    /** The key before which so many lie. */
    at: ({ id, levels }: List, before: number): ListKey | null => counted.at(id, levels, before),

    values: (collection: number, { text }: Index) => statements.values.all(collection, text),

    /** Takes all lists of an index away. */
    drop(collection: number, text: string): void {
      for (const list of statements.ofIndex.all(collection, text)) {
        statements.deleteEntries.run(list);
        statements.deleteSpans.run(list);
      }
      statements.deleteLists.run(collection, text);
    },
  };
}

function prepare(database: Database) {
  const ofIndex = 'collection = ? AND members = ?';
  return {
    find: database.prepare<[number, string, string], List>(
      `SELECT id, entries, levels FROM document_lists WHERE ${ofIndex} AND value = ?`,
    ),
    make: database.prepare('INSERT INTO document_lists (collection, members, value) VALUES (?, ?, ?)'),
    deleteEntry: database.prepare('DELETE FROM document_entries WHERE list = ? AND place = ? AND number = ?'),
    values: database.prepare<[number, string], { value: string; entries: number }>(
      `SELECT value, entries FROM document_lists INDEXED BY document_lists_of_index WHERE ${ofIndex} AND entries > 0 ORDER BY id`,
    ),
    ofIndex: database.prepare<[number, string], number>(`SELECT id FROM document_lists WHERE ${ofIndex}`).pluck(),
    deleteEntries: database.prepare('DELETE FROM document_entries WHERE list = ?'),
    deleteSpans: database.prepare('DELETE FROM document_spans WHERE list = ?'),
    deleteLists: database.prepare(`DELETE FROM document_lists WHERE ${ofIndex}`),
  };
}
