import { columnBorders } from './columns.ts';
import { type Area, around, median } from './frame.ts';
import { type CellPlace, compacted, type Grid } from './grid.ts';
import { joinLines, type StreamRow } from './join-lines.ts';
import { withoutProse } from './prose.ts';
import type { Rules } from './rules.ts';
import { isNumeric, type Segment, segmentOf, type TextLine, textLines } from './segments.ts';
import { guttersOf, partsOf } from './sides.ts';
import type { Word } from './words.ts';

// Tables without lines: runs of text lines whose pieces stand in columns.

/** Lines further apart than so many times the usual do not belong together, unless a rule bridges them. */
const gapMax = 2.1;
/** A piece of so many words, or so wide a part of the run, is a sentence and no cell. */
const proseWords = 9;

/** `rules`: the lines on the page; `drawn`: these and the edges of what is filled. */
export function streamTables(words: readonly Word[], rules: Rules, drawn: Rules): Grid[] {
  return tablesOf(textLines(withoutProse(words)), rules, drawn);
}

/** What is in a region that lines rule, though not all of its columns. */
export function streamTablesIn(words: readonly Word[], rules: Rules): Grid[] {
  const lines = textLines(words);
  const grid = lines.length < 2 ? null : tableOf(lines, rules);
  if (grid === null) return [];
  const sides = partsOf(lines, guttersOf(lines, [], rules)).map((part) => tableOf(linesOf(part), rules));
  return sides.every((side) => side !== null) ? sides : [grid];
}

function tablesOf(lines: readonly TextLine[], rules: Rules, drawn: Rules): Grid[] {
  const runs = runsOf(lines, rules);
  return runs.flatMap((run, at) => {
    const first = run[0] === undefined ? 0 : lines.indexOf(run[0]);
    const [above, below] = [lines.slice(0, first), lines.slice(first + run.length)];
    const gutters = guttersOf(run, above, drawn);
    if (gutters.length > 0) {
      const [before, next] = [runs[at - 1]?.at(-1), runs[at + 1]?.[0]];
      const band = lines.slice(before === undefined ? 0 : lines.indexOf(before) + 1, next && lines.indexOf(next));
      const sides = partsOf(band, gutters).map((part) => tablesOf(linesOf(part), rules, drawn));
      if (sides.every((side) => side.length > 0)) return sides.flat();
    }
    const grid = tableOf(run, rules, above, below);
    return grid === null ? [] : [grid];
  });
}

function linesOf(pieces: readonly Segment[]): TextLine[] {
  return textLines(pieces.flatMap(({ words }) => words));
}

/** Lines in a row of which most have several pieces. */
function runsOf(lines: readonly TextLine[], rules: Rules): TextLine[][] {
  const runs: TextLine[][] = [];
  let run: TextLine[] = [];
  const end = () => {
    const trimmed = withoutEnds(run);
    if (trimmed.length > 1) runs.push(trimmed);
    run = [];
  };
  for (const line of lines) {
    const before = run.at(-1);
    if (before !== undefined && (isFar(before, line, rules) || isProse(line, run))) end();
    if (!(run.length === 0 && isProse(line, run))) run.push(line);
  }
  end();
  return runs;
}

function isFar(before: TextLine, line: TextLine, { lying }: Rules): boolean {
  const size = Math.max(before.size, line.size);
  const gap = line.baseline - before.baseline;
  if (gap <= gapMax * size * 1.2) return false;
  const isRuled = lying.some(
    ({ at, from, to }) => at > before.baseline && at < line.baseline && to - from > 0.6 * (line.right - line.left),
  );
  return !(isRuled && gap <= 2 * gapMax * size);
}

/** A line that is one long piece of text, or two side by side as on pages of two columns. */
function isProse({ segments, left, right }: TextLine, run: readonly TextLine[]): boolean {
  const long = segments.filter(({ words, text }) => words.length >= proseWords && !isNumeric(text));
  if (long.length === 0) return false;
  if (segments.length === 1) {
    const widest = Math.max(...run.map((line) => line.right - line.left), 0);
    return right - left > 0.5 * widest;
  }
  return long.length * 2 > segments.length;
}

/** Lines of one piece at the end are notes, at the beginning titles. */
function withoutEnds(run: readonly TextLine[]): TextLine[] {
  const isTabular = ({ segments }: TextLine) => segments.length > 1;
  const first = run.findIndex(isTabular);
  return first < 0 ? [] : run.slice(first, run.findLastIndex(isTabular) + 1);
}

function tableOf(
  body: readonly TextLine[],
  rules: Rules,
  above: readonly TextLine[] = [],
  below: readonly TextLine[] = [],
): Grid | null {
  const borders = columnBorders(body);
  if (borders.length === 0) return null;
  if (
    !isTable(
      body.map((line) => rowOf(line, borders)),
      borders.length + 1,
    )
  )
    return null;
  const run = [...titlesAbove(body, above, borders), ...body, ...restBelow(body, below, borders)];
  const rows = run.map((line) => rowOf(line, borders));
  const cells = joinLines(rows, rules).flatMap((row, at) => row.cells.map((cell) => ({ ...cell, row: at })));
  const grid = compacted(cells);
  if (grid.rowCount < 2 || grid.columnCount < 2) return null;
  return { area: around(run), method: 'stream', confidence: confidenceOf(grid.cells), headerRows: 0, ...grid };
}

function rowOf(line: TextLine, borders: readonly number[]): StreamRow {
  const cells: { column: number; end: number; words: Word[] }[] = [];
  for (const segment of line.segments.flatMap((each) => parted(each, borders))) {
    const [column, end] = columnsOf(segment, borders);
    const before = cells.at(-1);
    if (before !== undefined && column <= before.end) {
      before.words.push(...segment.words);
      before.end = Math.max(before.end, end);
    } else cells.push({ column, end, words: [...segment.words] });
  }
  const places = cells.map(({ column, end, words }) => ({ row: 0, column, rowspan: 1, colspan: end - column + 1, words }));
  return { lines: [line], cells: places };
}

/** Lines over the columns, but not over the labels, that name several of them together. */
function titlesAbove(body: readonly TextLine[], above: readonly TextLine[], borders: readonly number[]): TextLine[] {
  const titles: TextLine[] = [];
  let [below] = body;
  const right = Math.max(...body.map((line) => line.right));
  for (const line of above.toReversed()) {
    if (below === undefined || below.baseline - line.baseline > titleGap * Math.max(line.size, below.size)) break;
    if (line.left < (borders[0] ?? 0) || line.right > right + 5 || line.segments.length > borders.length) break;
    titles.unshift(line);
    below = line;
  }
  return titles;
}

const titleGap = 1.9;

/** Lines at the end in which only a cell of the last row, and no label, goes on. */
function restBelow(body: readonly TextLine[], below: readonly TextLine[], borders: readonly number[]): TextLine[] {
  const rest: TextLine[] = [];
  let last = body.at(-1);
  const right = Math.max(...body.map((line) => line.right));
  for (const line of below) {
    if (last === undefined || line.baseline - last.baseline > restGap * Math.max(line.size, last.size)) break;
    const isLastColumn = line.left > (borders.at(-1) ?? 0);
    if (line.left < (borders[0] ?? 0) || (line.right > right + 5 && !isLastColumn) || line.segments.length > 1) break;
    rest.push(line);
    last = line;
  }
  return rest;
}

const restGap = 1.4;

/** A piece is parted at a border that a wide gap between two of its words holds. */
const partingGap = 0.33;

function parted(segment: Segment, borders: readonly number[]): Segment[] {
  const groups: Word[][] = [];
  for (const word of segment.words) {
    const group = groups.at(-1);
    const before = group?.at(-1);
    const isParted =
      before !== undefined &&
      word.left - before.right > partingGap * word.size &&
      borders.some((x) => x >= before.right - 1 && x <= word.left + 1);
    if (group === undefined || isParted) groups.push([word]);
    else group.push(word);
  }
  return groups.map(segmentOf);
}

/** What a piece reaches into by less than this, in points, it does not belong to. */
const reachMin = 4;

function columnsOf({ left, right }: Area, borders: readonly number[]): [number, number] {
  const slack = Math.min(reachMin, (right - left) / 3);
  const column = borders.filter((x) => x <= left + slack).length;
  return [column, Math.max(column, borders.filter((x) => x < right - slack).length)];
}

/** Enough rows with enough cells, not all of them sentences. */
function isTable(rows: readonly StreamRow[], columnCount: number): boolean {
  const full = rows.filter(({ cells }) => cells.length >= Math.max(2, columnCount * 0.5));
  if (full.length < 2 || full.length < rows.length * 0.3) return false;
  const cells = rows.flatMap((row) => row.cells);
  const wordCounts = cells.map(({ words }) => words.length);
  const numbers = cells.filter(({ words }) => isNumeric(words.map(({ text }) => text).join(' '))).length;
  if (columnCount === 2 && full.length < 3 && numbers < 2) return false;
  if (isList(rows, columnCount)) return false;
  if (rows.length < 3 && numbers < cells.length * 0.3) return false;
  return median(wordCounts) <= (numbers > cells.length * 0.2 ? 8 : 5);
}

/** Points, numbers, and names of notes: `Source:`, `(*)`. */
const listMark =
  /^([^\p{L}\p{N}]{1,3}|\(?\d{1,2}[.)]|\d{1,2}(\.\d{1,2})+\.?|\(?\p{L}[.)]|\(?[ivx]+[.)]|\(.{1,3}\)|\p{L}{1,12}s?:)$/iu;

/** Such marks before texts. */
function isList(rows: readonly StreamRow[], columnCount: number): boolean {
  if (columnCount > 2) return false;
  const marks = rows.flatMap(({ cells }) =>
    cells.filter(({ column }) => column === 0).map(({ words }) => words.map(({ text }) => text).join('')),
  );
  return marks.every((mark) => listMark.test(mark));
}

function confidenceOf(cells: readonly CellPlace[]): number {
  const filled = cells.filter(({ words }) => words.length > 0).length / Math.max(cells.length, 1);
  const spans = cells.filter(({ colspan }) => colspan > 1).length / Math.max(cells.length, 1);
  return Math.round(Math.max(0.1, (0.35 + 0.55 * filled) * (1 - spans)) * 100) / 100;
}
