import type { Database } from 'better-sqlite3';
import type { PackedDocument } from './packed-document.ts';

/** Reading and writing single documents and their keys. Writes belong into a transaction of the caller. */
export function documentsTable(database: Database) {
  const statements = prepare(database);

  return {
    get: (collection: number, id: string): PackedDocument | null => statements.get.get(collection, id) ?? null,
    numbered: (collection: number, number: number): PackedDocument | null => statements.numbered.get(collection, number) ?? null,
    /** False where there is a document with this id. */
    insert: (collection: number, { number, id, body }: PackedDocument): boolean =>
      statements.insert.run(collection, number, id, body).changes > 0,
    replace: (collection: number, { number, body }: PackedDocument): void =>
      void statements.replace.run(body, collection, number),
    delete: (collection: number, number: number): void => void statements.delete.run(collection, number),

    /** The number of the document that came with this key, even if it is gone. */
    keyed: (collection: number, key: string): number | null => statements.keyed.get(collection, key) ?? null,
    keep: (collection: number, key: string, number: number): void => void statements.keep.run(collection, key, number),

    /** In the order of their numbers, from this one on. */
    page: (collection: number, from: number, limit: number): PackedDocument[] => statements.page.all(collection, from, limit),
  };
}

function prepare(database: Database) {
  const select = 'SELECT id, number, body FROM documents WHERE collection = ?';
  return {
    get: database.prepare<[number, string], PackedDocument>(`${select} AND id = ?`),
    numbered: database.prepare<[number, number], PackedDocument>(`${select} AND number = ?`),
    page: database.prepare<[number, number, number], PackedDocument>(`${select} AND number >= ? ORDER BY number LIMIT ?`),
    insert: database.prepare(
      'INSERT INTO documents (collection, number, id, body) VALUES (?, ?, ?, ?) ON CONFLICT (collection, id) DO NOTHING',
    ),
    replace: database.prepare('UPDATE documents SET body = ? WHERE collection = ? AND number = ?'),
    delete: database.prepare('DELETE FROM documents WHERE collection = ? AND number = ?'),
    keyed: database
      .prepare<[number, string], number>('SELECT number FROM document_keys WHERE collection = ? AND key = ?')
      .pluck(),
    keep: database.prepare('INSERT INTO document_keys (collection, key, number) VALUES (?, ?, ?)'),
  };
}
