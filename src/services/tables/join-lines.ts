import { median } from './frame.ts';
import { type CellPlace, textOf } from './grid.ts';
import { isRuledBetween, type Rules } from './rules.ts';
import { isNumeric, type TextLine } from './segments.ts';
import type { Word } from './words.ts';

// Cells of several lines: which lines of an unruled table are one row.

/** A line of text in columns; or several that are one row. */
export interface StreamRow {
  readonly lines: readonly TextLine[];
  readonly cells: readonly CellPlace[];
}

/** A table whose rows are ruled has a line between at least every so many lines of text. */
const ruledLinesMax = 3.5;
/** Lines of one cell are not further apart than so many times their size. */
const leadingMax = 1.5;

export function joinLines(lines: readonly StreamRow[], rules: Rules): StreamRow[] {
  const groups = ruledGroups(lines, rules);
  const isRuled = groups.length > 2 && lines.length / groups.length <= ruledLinesMax;
  const leading = usualLeading(lines);
  const dataStart = firstData(lines);
  let seen = 0;
  return groups.flatMap((group) => {
    const header = Math.max(0, Math.min(group.length, dataStart - seen));
    seen += group.length;
    const top = joinHeader(group.slice(0, header), leading);
    const body = group.slice(header);
    return [...top, ...(isRuled && isOneRow(body) ? joinAll(body) : joinTexts(body, leading))];
  });
}

/** Lines between which nothing is ruled. */
function ruledGroups(lines: readonly StreamRow[], rules: Rules): StreamRow[][] {
  const groups: StreamRow[][] = [];
  for (const [at, row] of lines.entries()) {
    const [line, before] = [row.lines[0], lines[at - 1]?.lines.at(-1)];
    const isApart =
      line === undefined ||
      before === undefined ||
      isRuledBetween(rules, before.baseline - before.size * 0.3, line.baseline - line.size * 0.3, line);
    const group = groups.at(-1);
    if (group === undefined || isApart) groups.push([row]);
    else group.push(row);
  }
  return groups;
}

/** Several lines with numbers in one column are rows, whatever is ruled. */
function isOneRow(group: readonly StreamRow[]): boolean {
  const numbers = new Map<number, number>();
  for (const { cells } of group)
    for (const { column, words } of cells)
      if (column > 0 && isNumeric(textOf(words))) numbers.set(column, (numbers.get(column) ?? 0) + 1);
  return ![...numbers.values()].some((count) => count > 1);
}

/** The distance of lines that stand close, in sizes of letters. */
function usualLeading(lines: readonly StreamRow[]): number {
  const gaps = distances(lines).toSorted((a, b) => a - b);
  return gaps[Math.floor(gaps.length * 0.1)] ?? 1;
}

function distances(lines: readonly StreamRow[]): number[] {
  return lines.slice(1).map((row, at) => distance(lines[at], row));
}

function distance(above: StreamRow | undefined, below: StreamRow): number {
  const [last, first] = [above?.lines.at(-1), below.lines[0]];
  if (last === undefined || first === undefined) return Number.POSITIVE_INFINITY;
  return (first.baseline - last.baseline) / Math.max(first.size, last.size);
}

/** The first line that is filled with numbers. */
function firstData(lines: readonly StreamRow[]): number {
  const counts = lines.map(({ cells }) => cells.filter(({ column, words }) => column > 0 && isNumeric(textOf(words))).length);
  const usual = median(counts.filter((count) => count > 0));
  if (usual === 0) return 0;
  const at = lines.findIndex(({ cells }, place) => {
    const others = cells.filter(({ column }) => column > 0).length;
    const isYears = cells.every(({ column, words }) => column === 0 || /^(19|20)\d\d\D?$/.test(textOf(words)));
    return (counts[place] ?? 0) >= Math.max(1, Math.min(usual * 0.6, others)) && !isYears;
  });
  return Math.max(at, 0);
}

/** Titles of columns run over several lines; what spans columns stays above what it spans. */
function joinHeader(lines: readonly StreamRow[], leading: number): StreamRow[] {
  const rows: StreamRow[] = [];
  for (const line of lines) {
    const above = rows.at(-1);
    const isClose = above !== undefined && distance(above, line) <= Math.max(leading * 1.25, leadingMax * 0.9);
    if (above !== undefined && isClose && !hasSpan(above) && !hasSpan(line)) rows[rows.length - 1] = join(above, line);
    else rows.push(line);
  }
  return rows;
}

function hasSpan({ cells }: StreamRow): boolean {
  return cells.some(({ colspan }) => colspan > 1);
}

function joinAll(lines: readonly StreamRow[]): StreamRow[] {
  const [first, ...others] = lines;
  return first === undefined ? [] : [others.reduce(join, first)];
}

function joinTexts(lines: readonly StreamRow[], leading: number): StreamRow[] {
  const rows: StreamRow[] = [];
  const rights = lines.flatMap(({ cells }) => cells.filter(({ column, colspan }) => column === 0 && colspan === 1).map(rightOf));
  const right = Math.max(0, ...rights);
  for (const line of lines) {
    const above = rows.at(-1);
    if (above !== undefined && isContinued(above, line, { leading, right })) rows[rows.length - 1] = join(above, line);
    else rows.push(line);
  }
  return rows;
}

function rightOf({ words }: CellPlace): number {
  return Math.max(...words.map((word) => word.right));
}

interface Surroundings {
  readonly leading: number;
  /** How far the labels of the rows reach. */
  readonly right: number;
}

function isContinued(above: StreamRow, line: StreamRow, { leading, right }: Surroundings): boolean {
  const gap = distance(above, line);
  if (gap > Math.max(leading * 1.2, 0.9) || gap > leadingMax * 1.2) return false;
  const columns = new Set(above.cells.map(({ column }) => column));
  const [label] = line.cells;
  if (label === undefined || line.cells.some(({ words }) => words.length === 0)) return false;
  const hasNumbers = line.cells.some(({ column, words }) => column > 0 && isNumeric(textOf(words)));
  if (label.column > 0) return !hasNumbers && line.cells.every(({ column }) => columns.has(column)) && !hasSpan(line);
  const text = textOf(label.words);
  const aboveLabel = above.cells.find(({ column }) => column === 0);
  if (aboveLabel === undefined || isNumeric(text)) return false;
  const isLowered = /^[a-zà-öø-ÿ(&]/.test(text);
  const isFull = rightOf(aboveLabel) > right * 0.85;
  if (line.cells.length === 1)
    return (
      above.cells.length > 1 &&
      (isLowered || (isFull && !isNumeric(textOf(aboveLabel.words)) && gap <= leading * 1.05 && leading < 1.3))
    );
  return above.cells.length === 1 && !isNumeric(textOf(aboveLabel.words)) && isLowered;
}

function join(above: StreamRow, below: StreamRow): StreamRow {
  const cells = new Map<number, CellPlace>(above.cells.map((cell) => [cell.column, cell]));
  for (const cell of below.cells) {
    const own = cells.get(cell.column);
    const words: readonly Word[] = [...(own?.words ?? []), ...cell.words];
    cells.set(cell.column, { ...cell, colspan: Math.max(cell.colspan, own?.colspan ?? 1), words });
  }
  return { lines: [...above.lines, ...below.lines], cells: [...cells.values()].toSorted((a, b) => a.column - b.column) };
}
