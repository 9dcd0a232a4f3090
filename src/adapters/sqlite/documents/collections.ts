import type { Database } from 'better-sqlite3';
import type { Json, JsonObject } from '../../../core/json.ts';
import type { Collection } from '../../../ports/document-store.ts';
import { parse } from '../rows.ts';

export interface KnownCollection {
  readonly id: number;
  readonly name: string;
  readonly orderedBy: string | null;
  readonly indexes: readonly Index[];
}

/** Names of members in one order, and the same as text, by which lists are found. The index of no members lists all documents. */
export interface Index {
  readonly members: readonly string[];
  readonly text: string;
}

interface Row {
  id: number;
  ordered_by: string | null;
  indexes: string;
}

/** What is declared of collections. Rows are read each time, as another process may have declared more. */
export function collectionsTable(database: Database) {
  const statements = prepare(database);
  const parsed = new Map<string, Index[]>();

  function indexesOf(text: string): Index[] {
    const known = parsed.get(text) ?? parse<string[][]>(text).map(indexOf);
    parsed.set(text, known);
    return known;
  }

  function find(name: string): KnownCollection | null {
    const row = statements.get.get(name);
    return row === undefined ? null : { id: row.id, name, orderedBy: row.ordered_by, indexes: indexesOf(row.indexes) };
  }

  return {
    find,
    /** Throws where it was never declared. */
    get(name: string): KnownCollection {
      const known = find(name);
      if (known === null) throw new Error(`the collection ${name} is not declared`);
      return known;
    },
    put({ name, orderedBy, indexes }: Collection): void {
      const texts = new Set([indexOf([]), ...indexes.map(indexOf)].map(({ text }) => text));
      statements.put.run(name, orderedBy ?? null, `[${[...texts].join(',')}]`);
    },
    nextNumber: (id: number): number => statements.nextNumber.get(id) ?? 0,
    setNextNumber: (id: number, number: number): void => void statements.setNextNumber.run(number, id),
  };
}

export function indexOf(names: readonly string[]): Index {
  const members = [...names].sort();
  return { members, text: JSON.stringify(members) };
}

/** Throws where there is no such index. */
export function declaredIndex({ name, indexes }: KnownCollection, members: readonly string[]): Index {
  const index = indexOf(members);
  if (!indexes.some(({ text }) => text === index.text)) throw new Error(`${name} has no index of ${index.members.join(' and ')}`);
  return index;
}

/** The values of a document in an index, as text; null where it has none in one of the members. */
export function valueIn({ members }: Index, body: JsonObject): string | null {
  const values: Json[] = [];
  for (const member of members) {
    const value = Object.hasOwn(body, member) ? body[member] : undefined;
    if (value === undefined || value === null || typeof value === 'object') return null;
    values.push(value);
  }
  return JSON.stringify(values);
}

/** Where a document stands in its collection. */
export function placeOf({ orderedBy }: Pick<KnownCollection, 'orderedBy'>, body: JsonObject, number: number): number {
  if (orderedBy === null) return number;
  const place = Object.hasOwn(body, orderedBy) ? body[orderedBy] : undefined;
  return typeof place === 'number' && Number.isSafeInteger(place) ? place : 0;
}

function prepare(database: Database) {
  return {
    get: database.prepare<[string], Row>('SELECT id, ordered_by, indexes FROM collections WHERE name = ?'),
    put: database.prepare(
      `INSERT INTO collections (name, ordered_by, indexes, next_number) VALUES (?, ?, ?, 0)
       ON CONFLICT (name) DO UPDATE SET ordered_by = excluded.ordered_by, indexes = excluded.indexes`,
    ),
    nextNumber: database.prepare<[number], number>('SELECT next_number FROM collections WHERE id = ?').pluck(),
    setNextNumber: database.prepare('UPDATE collections SET next_number = ? WHERE id = ?'),
  };
}
