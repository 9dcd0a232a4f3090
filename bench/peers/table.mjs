import { join } from 'node:path';
import Database from 'better-sqlite3';

/** A table in SQLite (WAL, `synchronous=FULL`) and its `insert(id, text)`: one commit with its own fsync each. */
export function openTable(folder) {
  const database = new Database(join(folder, 'peer.sqlite'));
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.exec('CREATE TABLE rows (id TEXT PRIMARY KEY, body TEXT NOT NULL, created_at INTEGER NOT NULL) WITHOUT ROWID');
  const statement = database.prepare('INSERT INTO rows VALUES (?, ?, ?)');
  return { insert: (id, body) => statement.run(id, body, Date.now()) };
}
