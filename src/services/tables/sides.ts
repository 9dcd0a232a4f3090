import { columnBorders } from './columns.ts';
import { type Area, around } from './frame.ts';
import type { Rule, Rules } from './rules.ts';
import { isNumeric, type Segment, type TextLine, textLines } from './segments.ts';

// Tables that stand side by side: white runs down between them, as between the columns of one. Two are told by what each has of its own.

/** White from top to bottom. */
export interface Gutter {
  readonly from: number;
  readonly to: number;
}

/** In sizes of letters: what is narrower parts columns only. */
const gutterMin = 1.2;
/** What is nearly as wide as the widest is of one kind with it: three tables have two gutters. */
const sameKind = 0.7;

/** Where a run of lines is parted into tables; none where it is one. `above`: the lines before it, from top to bottom; `drawn`: with the edges of fills. */
export function guttersOf(run: readonly TextLine[], above: readonly TextLine[], drawn: Rules): readonly Gutter[] {
  const size = Math.max(...run.map((line) => line.size));
  const white = corridors(run);
  const wide = white.filter((gutter) => widthOf(gutter) >= gutterMin * size);
  const widest = Math.max(...wide.map(widthOf));
  const alike = wide.filter((gutter) => widthOf(gutter) >= sameKind * widest);
  const each = wide.toSorted((a, b) => widthOf(b) - widthOf(a)).map((gutter) => [gutter]);
  const ways = [beforeRepeats(run, white), alike, ...each];
  const [title] = above.slice(-1);
  return ways.find((gutters) => gutters.length > 0 && isParted(run, title, gutters, drawn)) ?? [];
}

/** Where the first line begins to say again what it said. */
function beforeRepeats([first]: readonly TextLine[], white: readonly Gutter[]): readonly Gutter[] {
  const pieces = first?.segments ?? [];
  for (let period = 2; period * 2 <= pieces.length; period += 1) {
    const isRepeated = pieces.every(({ text }, at) => at < period || text === pieces[at - period]?.text);
    if (!isRepeated || pieces.length % period > 0) continue;
    const begins = pieces.filter((_, at) => at > 0 && at % period === 0);
    return begins.flatMap(({ left }) => white.filter(({ to }) => to <= left).slice(-1));
  }
  return [];
}

/** What no piece of any line covers, from left to right. */
function corridors(lines: readonly TextLine[]): Gutter[] {
  const white: Gutter[] = [];
  let end = Number.POSITIVE_INFINITY;
  for (const { left, right } of lines.flatMap(({ segments }) => segments).toSorted((a, b) => a.left - b.left)) {
    if (left > end) white.push({ from: end, to: left });
    end = end === Number.POSITIVE_INFINITY ? right : Math.max(end, right);
  }
  return white;
}

function widthOf({ from, to }: Gutter): number {
  return to - from;
}

/** What stands between two gutters, or beyond the last: the pieces of lines that lie there whole. */
export function partsOf(lines: readonly TextLine[], gutters: readonly Gutter[]): Segment[][] {
  const all = lines.flatMap(({ segments }) => segments);
  const edges = [Number.NEGATIVE_INFINITY, ...gutters.map(({ from, to }) => (from + to) / 2), Number.POSITIVE_INFINITY];
  return edges.slice(1).map((right, at) => all.filter((each) => each.left > (edges[at] ?? 0) && each.right < right));
}

interface Side {
  readonly area: Area;
  readonly lines: readonly TextLine[];
  readonly borders: readonly number[];
  /** Lines with numbers beside their labels. */
  readonly rows: readonly TextLine[];
  readonly isTitled: boolean;
}

function isParted(run: readonly TextLine[], above: TextLine | undefined, gutters: readonly Gutter[], drawn: Rules): boolean {
  const titles = above === undefined ? [] : partsOf([above], gutters);
  const sides = partsOf(run, gutters).map((pieces, at) => sideOf(pieces, titles[at] ?? []));
  if (sides.some(({ borders }) => borders.length === 0)) return false;
  return gutters.every((gutter, at) => {
    const [left, right] = [sides[at], sides[at + 1]];
    return left !== undefined && right !== undefined && areTwo(left, right, gutter, drawn);
  });
}

function sideOf(pieces: readonly Segment[], title: readonly Segment[]): Side {
  const lines = textLines(pieces.flatMap(({ words }) => words));
  const borders = columnBorders(lines);
  const area = around(lines);
  const rows = lines.filter((line) => line.segments.some((piece) => piece.right > (borders[0] ?? 0) && isNumeric(piece.text)));
  const first = [lines[0]?.segments ?? [], title];
  return { area, lines, borders, rows, isTitled: first.some((line) => isTitle(line, area, borders)) };
}

/** Words that begin with the labels and run on over the columns. */
function isTitle([piece, ...others]: readonly Segment[], { left }: Area, borders: readonly number[]): boolean {
  if (piece === undefined || others.length > 0) return false;
  return Math.abs(piece.left - left) < 5 && piece.right > (borders[0] ?? 0) + 5;
}

function areTwo(left: Side, right: Side, gutter: Gutter, drawn: Rules): boolean {
  const [top, bottom] = [Math.max(left.area.top, right.area.top), Math.min(left.area.bottom, right.area.bottom)];
  if (top >= bottom) return false;
  if (haveOneHeader(left, right)) return true;
  if (isBridged(drawn, gutter, top, bottom)) return false;
  return (
    haveOwnRows(left, right, top, bottom) ||
    (left.isTitled && right.isTitled) ||
    haveOwnRules(left, right, drawn) ||
    ([left, right].every(isLabelled) && (isWide(left, right, gutter) || haveOwnEnds(left, right, gutter)))
  );
}

/** Whether a line across the gutter rules rows of both. */
function isBridged({ lying }: Rules, { from, to }: Gutter, top: number, bottom: number): boolean {
  return lying.some((rule) => rule.from < from && rule.to > to && rule.at > top && rule.at < bottom);
}

/** In sizes: base lines of one row differ by less. */
const sameRow = 0.25;
const ownRowsMin = 3;
/** So large a part of the rows of each side has no row beside it. */
const unmatchedMin = 0.5;
/** Lines of text may be several to a row, which may stand beside one in its middle. */
const unmatchedTextMin = 0.6;
const alikeMin = 0.6;

function haveOwnRows(left: Side, right: Side, top: number, bottom: number): boolean {
  const common = (lines: readonly TextLine[]) => lines.filter(({ baseline }) => baseline > top && baseline < bottom);
  const isApart = (ours: readonly TextLine[], theirs: readonly TextLine[], share: number) =>
    ours.length >= ownRowsMin && unmatched(ours, theirs) > share && unmatched(theirs, ours) > share;
  const [rows, others] = [common(left.rows), common(right.rows)];
  if (Math.min(rows.length, others.length) >= ownRowsMin) return isApart(rows, others, unmatchedMin);
  const [lines, besides] = [common(left.lines), common(right.lines)];
  const isAlike = Math.min(lines.length, besides.length) >= alikeMin * Math.max(lines.length, besides.length);
  return isAlike && isApart(lines, besides, unmatchedTextMin);
}

function unmatched(lines: readonly TextLine[], others: readonly TextLine[]): number {
  const alone = lines.filter(
    ({ baseline, size }) => !others.some((other) => Math.abs(other.baseline - baseline) <= sameRow * size),
  );
  return alone.length / lines.length;
}

/** A line that rules a table covers so much of its width; one below the name of some columns does not. */
const ruledShare = 0.85;

/** Whether lines rule each side, and end with it. */
function haveOwnRules(left: Side, right: Side, { lying }: Rules): boolean {
  const isOwn =
    ({ area }: Side, other: Side) =>
    (rule: Rule) => {
      const isBeside = rule.to < other.area.left || rule.from > other.area.right;
      const covered = Math.min(rule.to, area.right) - Math.max(rule.from, area.left);
      return isBeside && rule.at > area.top - 10 && rule.at < area.bottom + 10 && covered > ruledShare * (area.right - area.left);
    };
  return lying.some(isOwn(left, right)) && lying.some(isOwn(right, left));
}

/** Whether both name their columns, the labels too, and in the same words. */
function haveOneHeader(left: Side, right: Side): boolean {
  const [ours, theirs] = [headerOf(left), headerOf(right)];
  const isSame = textOf(ours) === textOf(theirs);
  return isSame && ours.flat().length > 1 && isNamed(left, ours) && isNamed(right, theirs);
}

function textOf(header: readonly (readonly Segment[])[]): string {
  return header.map((pieces) => pieces.map(({ text }) => text).join('\0')).join('\n');
}

/** Whether the first name stands over the labels. */
function isNamed({ lines }: Side, header: readonly (readonly Segment[])[]): boolean {
  const [name] = header[0] ?? [];
  const labels = around(lines.slice(header.length).flatMap(({ segments }) => segments.slice(0, 1)));
  return name !== undefined && name.left < labels.right && name.right > labels.left;
}

function headerOf({ lines, rows: [first] }: Side): (readonly Segment[])[] {
  const header = first === undefined ? lines.slice(0, 1) : lines.filter(({ baseline }) => baseline < first.baseline);
  return header.map(({ segments }) => segments);
}

const labelledMin = 0.8;

/** Whether texts at the left name the rows of numbers. */
function isLabelled({ rows, borders }: Side): boolean {
  const labelled = rows.filter(({ segments: [label] }) => {
    return label !== undefined && label.right <= (borders[0] ?? 0) && !isNumeric(label.text);
  });
  return rows.length >= ownRowsMin && labelled.length >= labelledMin * rows.length;
}

/** How much wider than the white between columns, and how wide in sizes of letters, white alone parts tables whose rows both have labels. */
const wideTimes = 2;
const wideMin = 2.5;

function isWide(left: Side, right: Side, gutter: Gutter): boolean {
  const size = Math.max(...left.lines.map((line) => line.size));
  return widthOf(gutter) >= Math.max(wideTimes * widestIn(left, right), wideMin * size);
}

function widestIn(...sides: readonly Side[]): number {
  return Math.max(0, ...sides.flatMap(({ lines }) => corridors(lines)).map(widthOf));
}

/** So many rows of one stand above or below all of the other; of one table, the last rows may be totals of some columns. */
const beyondMin = 3;
const beyondMinWide = 2;

function haveOwnEnds(left: Side, right: Side, gutter: Gutter): boolean {
  const beyond = ({ rows }: Side, { area }: Side) => {
    const above = rows.filter(({ baseline }) => baseline < area.top).length;
    const below = rows.filter((row) => row.top > area.bottom).length;
    return Math.max(above, below);
  };
  const least = widthOf(gutter) >= widestIn(left, right) ? beyondMinWide : beyondMin;
  return Math.max(beyond(left, right), beyond(right, left)) >= least;
}
