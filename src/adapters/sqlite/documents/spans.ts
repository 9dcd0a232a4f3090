import type { Database } from 'better-sqlite3';
import { bulkInsert } from '../bulk-insert.ts';
import { compareKeys, endKey, firstKey, type ListKey } from './list-key.ts';

/** So many entries a span of the first level has at most; shorter lists have none, and are counted through. */
const entriesMax = 256;
/** So many spans of the level below a span has at most. */
const spansMax = 64;

type KeyRow = [place: number, number: number];
type SpanRow = [place: number, number: number, entries: number];

interface Span {
  readonly start: ListKey;
  readonly end: ListKey;
}

/**
 * Knows how many entries of a list lie before any of them without counting: the counted B-tree of the books, one row a node. A span
 * reaches from its first key to the next span of its level and knows how many entries lie in it; a span of the second level is made of
 * spans of the first, and so on. So a list of a million is entered through three steps of at most some hundred rows.
 */
export function spans(database: Database) {
  const statements = prepare(database);
  const insertSpans = bulkInsert(database, 'document_spans', ['list', 'level', 'place', 'number', 'entries']);

  /** The parts of a span: entries at the first level, spans of the level below above that. */
  function partsOf(list: number, level: number, { start, end }: Span): SpanRow[] {
    if (level > 1) return statements.between.all(list, level - 1, start.place, start.number, end.place, end.number);
    return statements.entries.all(list, start.place, start.number, end.place, end.number).map((key) => [...key, 1]);
  }

  function spanOf(list: number, level: number, key: ListKey): Span {
    const start = statements.spanOf.get(list, level, key.place, key.number);
    const end = statements.spanAfter.get(list, level, key.place, key.number);
    return { start: keyOf(start) ?? firstKey, end: keyOf(end) ?? endKey };
  }

  /** Cuts a span that has too many parts; the keys at which new ones begin. */
  function split(list: number, level: number, span: Span): ListKey[] {
    const parts = partsOf(list, level, span);
    const max = level === 1 ? entriesMax : spansMax;
    if (parts.length <= max) return [];
    // What comes in order comes at the end: there spans are left behind full. Elsewhere each half has room for more.
    const size = span.end === endKey ? max : Math.ceil(parts.length / Math.max(2, Math.ceil(parts.length / max)));
    const pieces: SpanRow[] = [];
    for (let at = 0; at < parts.length; at += size) {
      const piece = parts.slice(at, at + size);
      const [place, number] = piece[0] ?? [0, 0];
      pieces.push([place, number, piece.reduce((sum, [, , entries]) => sum + entries, 0)]);
    }
    const [first, ...others] = pieces;
    statements.set.run(first?.[2] ?? 0, list, level, span.start.place, span.start.number);
    insertSpans(others.map((piece) => [list, level, ...piece]));
    return others.map(([place, number]) => ({ place, number }));
  }

  /** Notes entries that have come at one level; the keys of the level at which new spans begin, where `fresh` began below it. */
  function addAt(list: number, level: number, keys: readonly ListKey[], fresh: readonly ListKey[]): ListKey[] {
    const begun: ListKey[] = [];
    for (let at = 0; at < keys.length; ) {
      const span = spanOf(list, level, keys[at] ?? firstKey);
      let next = at + 1;
      while (next < keys.length && compareKeys(keys[next] ?? endKey, span.end) < 0) next += 1;
      const entries = statements.add.get(next - at, list, level, span.start.place, span.start.number) ?? 0;
      const isFull =
        level === 1
          ? entries > entriesMax
          : fresh.some((key) => compareKeys(key, span.start) >= 0 && compareKeys(key, span.end) < 0);
      if (isFull) begun.push(...split(list, level, span));
      at = next;
    }
    return begun;
  }

  /** Puts a level above the highest one while that has more spans than one may have. */
  function grow(list: number, entries: number, levels: number): void {
    let top = levels;
    for (let begun = 1; begun > 0; ) {
      const parts = top === 0 ? entries : (statements.countLevel.get(list, top) ?? 0);
      if (parts <= (top === 0 ? entriesMax : spansMax)) break;
      top += 1;
      statements.setLevels.run(top, list);
      insertSpans([[list, top, firstKey.place, firstKey.number, entries]]);
      begun = split(list, top, { start: firstKey, end: endKey }).length;
    }
  }

  return {
    /** Notes entries that have been inserted, in the order of their keys. */
    added(list: number, keys: readonly ListKey[]): void {
      const { entries, levels } = statements.count.get(keys.length, list) ?? { entries: 0, levels: 0 };
      let begun: ListKey[] = [];
      for (let level = 1; level <= levels; level += 1) begun = addAt(list, level, keys, begun);
      if (levels === 0 || begun.length > 0) grow(list, entries, levels);
    },

    /** Notes an entry that has been deleted. A span that is empty goes, unless a span of a higher level begins with it. */
    removed(list: number, key: ListKey): void {
      const { levels } = statements.count.get(-1, list) ?? { levels: 0 };
      const starts = Array.from({ length: levels }, (_, at) => spanOf(list, at + 1, key).start);
      for (const [at, start] of starts.entries()) {
        const level = at + 1;
        const entries = statements.add.get(-1, list, level, start.place, start.number);
        const above = starts[level];
        const begins = start.number === firstKey.number || (above !== undefined && compareKeys(above, start) === 0);
        if (entries === 0 && !begins) statements.drop.run(list, level, start.place, start.number);
      }
    },

    /** How many entries lie before a key. */
    before(list: number, levels: number, key: ListKey): number {
      let from = firstKey;
      let before = 0;
      for (let level = levels; level > 0; level -= 1) {
        const rows = statements.upTo.all(list, level, from.place, from.number, key.place, key.number);
        const last = rows.pop();
        for (const [, , entries] of rows) before += entries;
        from = keyOf(last) ?? from;
      }
      return before + (statements.countEntries.get(list, from.place, from.number, key.place, key.number) ?? 0);
    },

    /** The key of the entry before which so many lie. */
    at(list: number, levels: number, before: number): ListKey | null {
      let span: Span = { start: firstKey, end: endKey };
      let left = before;
      for (let level = levels; level > 0; level -= 1) {
        const rows = statements.between.all(list, level, span.start.place, span.start.number, span.end.place, span.end.number);
        const at = rows.findIndex(([, , entries]) => {
          const isHere = left < entries;
          if (!isHere) left -= entries;
          return isHere;
        });
        const start = keyOf(rows[at]);
        if (start === null) return null;
        span = { start, end: keyOf(rows[at + 1]) ?? span.end };
      }
      return keyOf(statements.nth.get(list, span.start.place, span.start.number, left));
    },
  };
}

function keyOf(row: readonly [number, number, ...unknown[]] | undefined): ListKey | null {
  return row === undefined ? null : { place: row[0], number: row[1] };
}

function prepare(database: Database) {
  const inSpans = 'list = ? AND level = ?';
  const thisSpan = `${inSpans} AND place = ? AND number = ?`;
  return {
    count: database.prepare<[number, number], { entries: number; levels: number }>(
      'UPDATE document_lists SET entries = entries + ? WHERE id = ? RETURNING entries, levels',
    ),
    setLevels: database.prepare('UPDATE document_lists SET levels = ? WHERE id = ?'),
    add: database
      .prepare<[number, number, number, number, number], number>(
        `UPDATE document_spans SET entries = entries + ? WHERE ${thisSpan} RETURNING entries`,
      )
      .pluck(),
    set: database.prepare(`UPDATE document_spans SET entries = ? WHERE ${thisSpan}`),
    drop: database.prepare('DELETE FROM document_spans WHERE list = ? AND level <= ? AND place = ? AND number = ?'),
    spanOf: database
      .prepare<[number, number, number, number], KeyRow>(
        `SELECT place, number FROM document_spans WHERE ${inSpans} AND (place, number) <= (?, ?)
         ORDER BY place DESC, number DESC LIMIT 1`,
      )
      .raw(),
    spanAfter: database
      .prepare<[number, number, number, number], KeyRow>(
        `SELECT place, number FROM document_spans WHERE ${inSpans} AND (place, number) > (?, ?) ORDER BY place, number LIMIT 1`,
      )
      .raw(),
    between: database
      .prepare<[number, number, number, number, number, number], SpanRow>(
        `SELECT place, number, entries FROM document_spans
         WHERE ${inSpans} AND (place, number) >= (?, ?) AND (place, number) < (?, ?) ORDER BY place, number`,
      )
      .raw(),
    upTo: database
      .prepare<[number, number, number, number, number, number], SpanRow>(
        `SELECT place, number, entries FROM document_spans
         WHERE ${inSpans} AND (place, number) >= (?, ?) AND (place, number) <= (?, ?) ORDER BY place, number`,
      )
      .raw(),
    countLevel: database.prepare<[number, number], number>(`SELECT count(*) FROM document_spans WHERE ${inSpans}`).pluck(),
    entries: database
      .prepare<[number, number, number, number, number], KeyRow>(
        `SELECT place, number FROM document_entries
         WHERE list = ? AND (place, number) >= (?, ?) AND (place, number) < (?, ?) ORDER BY place, number`,
      )
      .raw(),
    countEntries: database
      .prepare<[number, number, number, number, number], number>(
        'SELECT count(*) FROM document_entries WHERE list = ? AND (place, number) >= (?, ?) AND (place, number) < (?, ?)',
      )
      .pluck(),
    nth: database
      .prepare<[number, number, number, number], KeyRow>(
        `SELECT place, number FROM document_entries WHERE list = ? AND (place, number) >= (?, ?)
         ORDER BY place, number LIMIT 1 OFFSET ?`,
      )
      .raw(),
  };
}
