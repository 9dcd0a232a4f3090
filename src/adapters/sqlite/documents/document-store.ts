import type { Database } from 'better-sqlite3';
import type { Clock } from '../../../core/clock.ts';
import type { DocumentStore } from '../../../ports/document-store.ts';
import type { GroupCommit } from '../group-commit.ts';
import { declare } from './declare.ts';
import { documentTables } from './document-tables.ts';
import { finding } from './find.ts';
import { gatheredWrites } from './gathered-writes.ts';
import { documentOf, outcomeOf, type PackedChange, type PackedOutcome, packedChange } from './packed-document.ts';
import { write } from './write.ts';

/** What a store in another thread asks of this one instead of `writeDocuments`. */
export interface SqliteDocumentStore extends DocumentStore {
  writePackedDocuments(changes: readonly PackedChange[]): Promise<PackedOutcome[]>;
}

/** The documents of the store on an open database, in the commits of its `group`. */
export function documentStoreOn(
  database: Database,
  clock: Clock,
  { group, read }: { group: GroupCommit; read: <T>(query: () => T) => Promise<T> },
): SqliteDocumentStore {
  const tables = documentTables(database, clock);
  const { collections, documents, log } = tables;
  const found = finding(database, tables);
  const view = { begin: database.prepare('BEGIN'), end: database.prepare('COMMIT') };
  const writePackedDocuments = gatheredWrites(group, (calls) => write(tables, calls));

  /** What takes several statements sees one state of the database, whoever else writes to it. */
  function inOneView<T>(query: () => T): T {
    if (database.inTransaction) return query();
    view.begin.run();
    try {
      return query();
    } finally {
      // SQLite ends a transaction by itself where a read of the disk fails.
      if (database.inTransaction) view.end.run();
    }
  }

  return {
    declare: (declared) =>
      group.write(() => {
        for (const collection of declared) declare(tables, collection);
      }),
    writePackedDocuments,
    writeDocuments: async (changes) => (await writePackedDocuments(changes.map(packedChange))).map(outcomeOf),

    async getDocument(collection, id) {
      const packed = await read(() => documents.get(collections.get(collection).id, id));
      return packed === null ? null : documentOf(packed);
    },
    async getNumbered(collection, number) {
      const packed = await read(() => documents.numbered(collections.get(collection).id, number));
      return packed === null ? null : documentOf(packed);
    },
    findDocuments: async (query) => (await read(() => inOneView(() => found.find(query)))).map(documentOf),
    countDocuments: (query) => read(() => inOneView(() => found.count(query))),
    countEach: (collection, member) => read(() => found.countEach(collection, member)),

    documentLog: (request) => read(() => log.of(request)),
    documentLogPruned: () => read(() => log.pruned()),
    pruneDocumentLog: (limit, keepMs) => group.write(() => log.prune(limit, keepMs)),
  };
}
