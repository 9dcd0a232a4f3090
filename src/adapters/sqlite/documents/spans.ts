import type { Database, Statement } from 'better-sqlite3';
import { bulkInsert } from '../bulk-insert.ts';
import { compareKeys, endKey, firstKey, type ListKey } from './list-key.ts';

export interface SpanSizes {
  /** So many entries a span of the first level has at most; lists that are shorter have none, and are counted through. */
  readonly entriesMax: number;
  /** So many spans of the level below a span has at most. */
  readonly spansMax: number;
}

interface Span {
  readonly start: ListKey;
  readonly end: ListKey;
}

interface KeyIn extends ListKey {
  readonly list: number;
  readonly firstPlace: number;
  readonly firstNumber: number;
}

/**
 * Knows how many entries of a list lie before any of them without counting: a counted B-tree, one row a node. A span reaches from its
 * first key to the next span of its level and knows how many entries lie in it; a span of the second level is made of spans of the
 * first, and so on. So a place in a list of a million is found in three steps through a few dozen rows each. Why: decision 9.
 */
export function spans(database: Database, { entriesMax, spansMax }: SpanSizes = { entriesMax: 64, spansMax: 32 }) {
  const statements = prepare(database, spansMax);
  const insertSpans = bulkInsert(database, 'document_spans', ['list', 'level', 'place', 'number', 'entries']);
  const statementsBefore: Statement<[KeyIn], number>[] = [];

  function statementBefore(levels: number): Statement<[KeyIn], number> {
    const known = statementsBefore[levels] ?? database.prepare<[KeyIn], number>(beforeQuery(levels)).pluck();
    statementsBefore[levels] = known;
    return known;
  }

  /** Where the span with a key begins. */
  function startOf(list: number, level: number, { place, number }: ListKey): ListKey {
    return statements.spanOf.get(list, level, place, number) ?? firstKey;
  }

  function endOf(list: number, level: number, { place, number }: ListKey): ListKey {
    return statements.spanAfter.get(list, level, place, number) ?? endKey;
  }

  /** Of the parts of a span (entries at the first level, spans of the level below above that) the key of the one that lies so far behind. */
  function partAt(list: number, level: number, { place, number }: ListKey, offset: number): ListKey | null {
    const part =
      level === 1
        ? statements.entryAt.get(list, place, number, offset)
        : statements.spanAt.get(list, level - 1, place, number, offset);
    return part ?? null;
  }

  /** How many parts lie in a span, of which the number of entries is known. */
  function partsIn(list: number, level: number, { start, end }: Span, entries: number): number {
    if (level === 1) return entries;
    return statements.countSpans.get(list, level - 1, start.place, start.number, end.place, end.number) ?? 0;
  }

  /** Cuts a span that has too many parts; how many new ones begin. */
  function split(list: number, level: number, span: Span, entries: number): number {
    const parts = partsIn(list, level, span, entries);
    const max = level === 1 ? entriesMax : spansMax;
    if (parts <= max) return 0;
    // What comes in order comes at the end: there spans are left behind full. Elsewhere the halves have room for more.
    const size = span.end === endKey ? max : Math.ceil(parts / Math.max(2, Math.ceil(parts / max)));
    const starts = [span.start];
    for (let at = size; at < parts; at += size) {
      const start = partAt(list, level, starts.at(-1) ?? span.start, size);
      if (start !== null) starts.push(start);
    }
    const pieces = starts.map((start, at) => {
      const end = starts[at + 1] ?? span.end;
      if (level === 1) return { start, entries: Math.min(size, parts - at * size) };
      return { start, entries: statements.sum.get(list, level - 1, start.place, start.number, end.place, end.number) ?? 0 };
    });
    const [first, ...others] = pieces;
    statements.set.run(first?.entries ?? 0, list, level, span.start.place, span.start.number);
    insertSpans(others.map((piece) => [list, level, piece.start.place, piece.start.number, piece.entries]));
    return others.length;
  }

  /** Notes entries that have come at one level, where `begun` spans have begun below it; how many have begun at it. */
  function addAt(list: number, level: number, keys: readonly ListKey[], begun: number): number {
    let begins = 0;
    for (let at = 0; at < keys.length; ) {
      const start = startOf(list, level, keys[at] ?? firstKey);
      let next = at + 1;
      if (next < keys.length) {
        const end = endOf(list, level, start);
        while (next < keys.length && compareKeys(keys[next] ?? endKey, end) < 0) next += 1;
      }
      const entries = statements.add.get(next - at, list, level, start.place, start.number) ?? 0;
      const mayBeFull = level === 1 ? entries > entriesMax : begun > 0;
      if (mayBeFull) begins += split(list, level, { start, end: endOf(list, level, start) }, entries);
      at = next;
    }
    return begins;
  }

  /** Puts levels above the highest one while that has more spans than a span may have. */
  function grow(list: number, entries: number, levels: number): void {
    const whole = { start: firstKey, end: endKey };
    for (let level = levels + 1; partsIn(list, level, whole, entries) > (level === 1 ? entriesMax : spansMax); level += 1) {
      statements.setLevels.run(level, list);
      insertSpans([[list, level, firstKey.place, firstKey.number, entries]]);
      split(list, level, whole, entries);
    }
  }

  return {
    /** Notes entries that have been inserted, in the order of their keys. */
    added(list: number, keys: readonly ListKey[]): void {
      const { entries, levels } = statements.count.get(keys.length, list) ?? { entries: 0, levels: 0 };
      let begun = 0;
      for (let level = 1; level <= levels; level += 1) begun = addAt(list, level, keys, begun);
      if (levels === 0 || begun > 0) grow(list, entries, levels);
    },

    /** Notes an entry that has been deleted. A span that is empty goes, unless a span of a higher level begins with it. */
    removed(list: number, key: ListKey): void {
      const { levels } = statements.count.get(-1, list) ?? { levels: 0 };
      const starts = Array.from({ length: levels }, (_, at) => startOf(list, at + 1, key));
      for (const [at, start] of starts.entries()) {
        const entries = statements.add.get(-1, list, at + 1, start.place, start.number);
        const beginsAbove = compareKeys(starts[at + 1] ?? firstKey, start) === 0;
        const isFirst = compareKeys(start, firstKey) === 0;
        if (entries === 0 && !beginsAbove && !isFirst) statements.drop.run(list, at + 1, start.place, start.number);
      }
    },

    /** How many entries lie before a key. */
    before: (list: number, levels: number, key: ListKey): number =>
      statementBefore(levels).get({ list, ...key, firstPlace: firstKey.place, firstNumber: firstKey.number }) ?? 0,

    /** The key of the entry before which so many lie; null where there are not so many. */
    at(list: number, levels: number, before: number): ListKey | null {
      let start = firstKey;
      let left = before;
      for (let level = levels; level > 0; level -= 1) {
        // Those of the span above, and perhaps more: what is looked for lies in that span.
        const sizes = statements.sizes.all(list, level, start.place, start.number);
        let at = 0;
        for (let size = sizes[0]; size !== undefined && left >= size; size = sizes[at]) {
          left -= size;
          at += 1;
        }
        const found = at === 0 ? start : partAt(list, level + 1, start, at);
        if (found === null) return null;
        start = found;
      }
      return partAt(list, 1, start, left);
    },
  };
}

/**
 * Counts what lies before a key, in one statement: of each level the spans from where the span above begins to where the one with the
 * key begins, and at last entries.
 */
function beforeQuery(levels: number): string {
  const sums: string[] = [];
  let above = '(@firstPlace, @firstNumber)';
  for (let level = levels; level > 0; level -= 1) {
    const ofLevel = `document_spans WHERE list = @list AND level = ${level}`;
    const begin = `(SELECT place, number FROM ${ofLevel} AND (place, number) <= (@place, @number)
      ORDER BY place DESC, number DESC LIMIT 1)`;
    sums.push(
      `coalesce((SELECT sum(entries) FROM ${ofLevel} AND (place, number) >= ${above} AND (place, number) < ${begin}), 0)`,
    );
    above = begin;
  }
  sums.push(
    `(SELECT count(*) FROM document_entries
      WHERE list = @list AND (place, number) >= ${above} AND (place, number) < (@place, @number))`,
  );
  return `SELECT ${sums.join(' + ')}`;
}

function prepare(database: Database, spansMax: number) {
  const ofLevel = 'FROM document_spans WHERE list = ? AND level = ?';
  const thisSpan = 'list = ? AND level = ? AND place = ? AND number = ?';
  const between = '(place, number) >= (?, ?) AND (place, number) < (?, ?)';
  type Key = [list: number, level: number, place: number, number: number];
  type Range = [...Key, endPlace: number, endNumber: number];
  return {
    count: database.prepare<[number, number], { entries: number; levels: number }>(
      'UPDATE document_lists SET entries = entries + ? WHERE id = ? RETURNING entries, levels',
    ),
    setLevels: database.prepare('UPDATE document_lists SET levels = ? WHERE id = ?'),
    add: database
      .prepare<[number, ...Key], number>(`UPDATE document_spans SET entries = entries + ? WHERE ${thisSpan} RETURNING entries`)
      .pluck(),
    set: database.prepare(`UPDATE document_spans SET entries = ? WHERE ${thisSpan}`),
    drop: database.prepare('DELETE FROM document_spans WHERE list = ? AND level <= ? AND place = ? AND number = ?'),
    spanOf: database.prepare<Key, ListKey>(
      `SELECT place, number ${ofLevel} AND (place, number) <= (?, ?) ORDER BY place DESC, number DESC LIMIT 1`,
    ),
    spanAfter: database.prepare<Key, ListKey>(
      `SELECT place, number ${ofLevel} AND (place, number) > (?, ?) ORDER BY place, number LIMIT 1`,
    ),
    spanAt: database.prepare<[...Key, number], ListKey>(
      `SELECT place, number ${ofLevel} AND (place, number) >= (?, ?) ORDER BY place, number LIMIT 1 OFFSET ?`,
    ),
    sizes: database
      .prepare<Key, number>(`SELECT entries ${ofLevel} AND (place, number) >= (?, ?) ORDER BY place, number LIMIT ${spansMax}`)
      .pluck(),
    sum: database.prepare<Range, number>(`SELECT sum(entries) ${ofLevel} AND ${between}`).pluck(),
    countSpans: database.prepare<Range, number>(`SELECT count(*) ${ofLevel} AND ${between}`).pluck(),
    entryAt: database.prepare<[number, number, number, number], ListKey>(
      `SELECT place, number FROM document_entries WHERE list = ? AND (place, number) >= (?, ?)
       ORDER BY place, number LIMIT 1 OFFSET ?`,
    ),
  };
}
