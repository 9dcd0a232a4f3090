import type { Database } from 'better-sqlite3';
import type { StoredAmounts } from '../../ports/job-store.ts';

interface StoredRow {
  kind: string;
  items: number;
  bytes: number;
}

/** What is kept, as triggers count it: reading it costs the same with ten files or millions. */
export function storedAmounts(database: Database): () => StoredAmounts {
  const counted = database.prepare<[], StoredRow>('SELECT kind, items, bytes FROM stored');
  const size = database.prepare<[], { bytes: number }>(
    'SELECT page_count * page_size AS bytes FROM pragma_page_count(), pragma_page_size()',
  );
  return () => {
    const rows = counted.all();
    const amount = (kind: string) => {
      const row = rows.find((each) => each.kind === kind);
      return { count: row?.items ?? 0, bytes: row?.bytes ?? 0 };
    };
    return { files: amount('files'), results: amount('results'), databaseBytes: size.get()?.bytes ?? null };
  };
}
