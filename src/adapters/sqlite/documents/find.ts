import type { Database } from 'better-sqlite3';
import type { DocumentQuery, ValueCount } from '../../../ports/document-store.ts';
import { declaredIndex, type KnownCollection, valueIn } from './collections.ts';
import type { DocumentTables } from './document-tables.ts';
import { firstKey, type ListKey, placeEnd } from './list-key.ts';
import type { List } from './lists.ts';
import type { PackedDocument } from './packed-document.ts';

/** So many entries are skipped one by one: to look them up costs as much. */
const skippedMax = 200;

type Matching = Omit<DocumentQuery, 'offset' | 'limit' | 'order'>;
type Page = Pick<DocumentQuery, 'order' | 'offset'> & { readonly from: number; readonly below: number };
/** The key to begin with, and where the range ends. */
type PageParameters = [collection: number, list: number, place: number, number: number, end: number, limit: number];
type KeyParameters = [list: number, place: number, number: number, end: number, offset: number];

/** Finds and counts documents by their lists. */
export function finding(database: Database, tables: DocumentTables) {
  const statements = prepare(database);
  const { collections, lists } = tables;

  function listOf(collection: KnownCollection, where: Matching['where'] = {}): List | null {
    const index = declaredIndex(collection, Object.keys(where));
    const value = valueIn(index, where);
    return value === null ? null : lists.find(collection.id, index, value);
  }

  function rankOf(list: List, place: number): number {
    if (place <= firstKey.place) return 0;
    return place >= placeEnd ? list.entries : lists.before(list, { place, number: firstKey.number });
  }

  /** The key of the first entry of a page, as seen from the side that it is read from; null where there is none. */
  function beginOf(list: List, { from, below, order, offset }: Page): ListKey | null {
    const rises = order === 'rising';
    const side: ListKey = { place: rises ? from : below, number: firstKey.number };
    if (offset === 0) return side;
    if (offset <= skippedMax) {
      const row = rises
        ? statements.risingKey.get(list.id, side.place, side.number, below, offset)
        : statements.fallingKey.get(list.id, side.place, side.number, from, offset);
      return row ?? null;
    }
    const rank = rises ? rankOf(list, from) + offset : rankOf(list, below) - 1 - offset;
    return rank < 0 || rank >= list.entries ? null : lists.at(list, rank);
  }

  return {
    find({ from = firstKey.place, below = placeEnd, ...query }: DocumentQuery): PackedDocument[] {
      const collection = collections.get(query.collection);
      const list = listOf(collection, query.where);
      const begin = list === null ? null : beginOf(list, { from, below, order: query.order, offset: query.offset });
      if (list === null || begin === null) return [];
      const { place, number } = begin;
      return query.order === 'rising'
        ? statements.rising.all(collection.id, list.id, place, number, below, query.limit)
        : statements.falling.all(collection.id, list.id, place, number, from, query.limit);
    },

    count({ collection: name, where, from, below }: Matching): number {
      const list = listOf(collections.get(name), where);
      if (list === null) return 0;
      return Math.max(0, rankOf(list, below ?? placeEnd) - rankOf(list, from ?? firstKey.place));
    },

    countEach(name: string, member: string): ValueCount[] {
      const collection = collections.get(name);
      return lists
        .values(collection.id, declaredIndex(collection, [member]))
        .map(({ value, entries }) => ({ value: value.slice(1, -1), count: entries }));
    },
  };
}

function prepare(database: Database) {
  const ranges = {
    rising: 'list = ? AND (place, entries.number) >= (?, ?) AND place < ? ORDER BY place, entries.number',
    falling: 'list = ? AND (place, entries.number) <= (?, ?) AND place >= ? ORDER BY place DESC, entries.number DESC',
  };
  const page = (range: string) =>
    database.prepare<PageParameters, PackedDocument>(
      `SELECT id, documents.number, body FROM document_entries AS entries
       CROSS JOIN documents ON documents.collection = ? AND documents.number = entries.number WHERE ${range} LIMIT ?`,
    );
  const key = (range: string) =>
    database.prepare<KeyParameters, ListKey>(
      `SELECT place, number FROM document_entries AS entries WHERE ${range} LIMIT 1 OFFSET ?`,
    );
  return {
    rising: page(ranges.rising),
    falling: page(ranges.falling),
    risingKey: key(ranges.rising),
    fallingKey: key(ranges.falling),
  };
}
