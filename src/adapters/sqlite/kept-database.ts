import Sqlite, { type Database } from 'better-sqlite3';

/**
 * Everything that better-sqlite3 has made, for the life of the process. From Node 24.19 on a statement or database of its
 * version 12 that is collected as garbage aborts the process (its destructor asks for the environment of Node, and there is
 * none while V8 collects). Version 13 is free of that but needs Node 22.
 */
const kept: unknown[] = [];

/** Opens a database of which nothing is ever collected. Statements are to be made once each; `pragma` must not be used, as it makes one. */
export function openKept(path: string, options: Sqlite.Options): Database {
  const database = new Sqlite(path, options);
  const prepare = database.prepare.bind(database);
  const keeping = (source: string) => {
    const statement = prepare(source);
    kept.push(statement);
    return statement;
  };
  // The method has type parameters that a function around it cannot repeat.
  database.prepare = keeping as typeof database.prepare;
  kept.push(database);
  return database;
}
