import type { Area } from './frame.ts';
import { type CellPlace, compacted, type Grid, textOf } from './grid.ts';
import { partColumns, partRows } from './part-cells.ts';
import type { Rule, Rules } from './rules.ts';
import { isNumeric } from './segments.ts';
import { splitRows } from './split-rows.ts';
import type { Word } from './words.ts';

// Tables that lines rule: lines that meet make a grid, its parts without a line between them are one cell.

/** How far lines may miss each other and meet all the same. */
const meetMax = 3;
/** Lines nearer to each other rule no row or column. */
const lineGapMin = 2.5;
const cellsMax = 40_000;
/** A page with more lines to compare is a drawing. */
const pairsMax = 4_000_000;
/** Fewer cells with text are a frame. */
const filledMin = 3;

/** Groups of lines that meet, each a table or a frame. */
export function ruledRegions(rules: Rules): Rules[] {
  if (rules.lying.length * rules.standing.length > pairsMax) return [];
  const all = [...rules.lying, ...rules.standing];
  const parents = all.map((_, at) => at);
  const rootOf = (at: number): number => {
    let root = at;
    while (parents[root] !== root) root = parents[root] ?? root;
    parents[at] = root;
    return root;
  };
  const lyingCount = rules.lying.length;
  for (const [at, lying] of rules.lying.entries())
    for (const [place, standing] of rules.standing.entries())
      if (isMeeting(lying, standing)) parents[rootOf(at)] = rootOf(lyingCount + place);
  const groups = new Map<number, { lying: Rule[]; standing: Rule[] }>();
  for (const [at, rule] of all.entries()) {
    const root = rootOf(at);
    const group = groups.get(root) ?? { lying: [], standing: [] };
    groups.set(root, group);
    (at < lyingCount ? group.lying : group.standing).push(rule);
  }
  return [...groups.values()];
}

function isMeeting(lying: Rule, standing: Rule): boolean {
  const isAcross = standing.at >= lying.from - meetMax && standing.at <= lying.to + meetMax;
  return isAcross && lying.at >= standing.from - meetMax && lying.at <= standing.to + meetMax;
}

/** The table that a group of lines rules, with the words in it; null where that is none. */
export function latticeTable(region: Rules, words: readonly Word[]): Grid | null {
  if (region.lying.length < 2 || region.standing.length === 0) return null;
  const xs = edgesOf(region.standing, region.lying);
  const ys = edgesOf(region.lying, region.standing);
  if (xs.length < 2 || ys.length < 2 || xs.length * ys.length > cellsMax) return null;
  const area: Area = { left: xs[0] ?? 0, right: xs.at(-1) ?? 0, top: ys[0] ?? 0, bottom: ys.at(-1) ?? 0 };
  const inside = words.filter((word) => isInside(word, area));
  const filled = fill(mergedCells(xs, ys, region), xs, ys, inside);
  const cells = splitRows(filled.flatMap((cell) => partColumns(cell, xs)).flatMap((cell) => partRows(cell, ys)));
  const grid = compacted(cells);
  if (grid.rowCount < 2 || grid.columnCount < 2) return null;
  const texts = grid.cells.filter((cell) => cell.words.length > 0).map((cell) => textOf(cell.words));
  // Where all is numbers, it is a chart.
  if (texts.length < filledMin || texts.every(isNumeric)) return null;
  return { area, method: 'lattice', confidence: confidenceOf(grid, inside, xs), headerRows: 0, ...grid };
}

function isInside(word: Word, { left, right, top, bottom }: Area): boolean {
  const [x, y] = [(word.left + word.right) / 2, (word.top + word.bottom) / 2];
  return x > left && x < right && y > top - 1 && y < bottom + 1;
}

/** Where lines rule, and where the lines across end beyond the last of them: tables are often open at their sides. */
function edgesOf(rules: readonly Rule[], across: readonly Rule[]): number[] {
  const places = rules.map(({ at }) => at).toSorted((a, b) => a - b);
  const [first = 0, last = first] = [places[0], places.at(-1)];
  const from = Math.min(...across.map((rule) => rule.from));
  const to = Math.max(...across.map((rule) => rule.to));
  if (from < first - openMin) places.unshift(from);
  if (to > last + openMin) places.push(to);
  return places.filter((place, at) => at === 0 || place - (places[at - 1] ?? 0) >= lineGapMin);
}

/** A line that reaches so far beyond the last one across rules something there. */
const openMin = 8;

interface Span {
  readonly row: number;
  readonly column: number;
  readonly rowspan: number;
  readonly colspan: number;
}

/** Cells: what no line parts is one, as far as it is a rectangle. */
function mergedCells(xs: readonly number[], ys: readonly number[], { lying, standing }: Rules): Span[] {
  const [columns, rows] = [xs.length - 1, ys.length - 1];
  const middle = (edges: readonly number[], at: number) => ((edges[at] ?? 0) + (edges[at + 1] ?? 0)) / 2;
  const isRuled = (rules: readonly Rule[], edge: number, middleOf: number) =>
    rules.some(({ at, from, to }) => Math.abs(at - edge) < lineGapMin && from - 1 <= middleOf && to + 1 >= middleOf);
  const isPartedRight = (row: number, column: number) => isRuled(standing, xs[column + 1] ?? 0, middle(ys, row));
  const isPartedBelow = (row: number, column: number) => isRuled(lying, ys[row + 1] ?? 0, middle(xs, column));
  const taken = Array.from({ length: rows }, () => new Array<boolean>(columns).fill(false));
  const spans: Span[] = [];
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      if (taken[row]?.[column]) continue;
      let colspan = 1;
      while (column + colspan < columns && !taken[row]?.[column + colspan] && !isPartedRight(row, column + colspan - 1))
        colspan += 1;
      let rowspan = 1;
      while (row + rowspan < rows && isOpenBelow(row + rowspan - 1, column, colspan)) rowspan += 1;
      for (let down = row; down < row + rowspan; down += 1) taken[down]?.fill(true, column, column + colspan);
      spans.push({ row, column, rowspan, colspan });
    }
  }
  return spans;

  function isOpenBelow(row: number, column: number, colspan: number): boolean {
    for (let across = column; across < column + colspan; across += 1) {
      if (isPartedBelow(row, across) || taken[row + 1]?.[across]) return false;
      if (across + 1 < column + colspan && isPartedRight(row + 1, across)) return false;
    }
    const [before, last] = [column - 1, column + colspan - 1];
    const isRightClosed = last === columns - 1 || isPartedRight(row + 1, last);
    return isRightClosed && (before < 0 || isPartedRight(row + 1, before));
  }
}

function fill(spans: readonly Span[], xs: readonly number[], ys: readonly number[], words: readonly Word[]): CellPlace[] {
  const owners = new Map<string, Word[]>();
  const cells = spans.map((span) => ({ ...span, words: [] as Word[] }));
  for (const { row, column, rowspan, colspan, words: own } of cells)
    for (let down = row; down < row + rowspan; down += 1)
      for (let across = column; across < column + colspan; across += 1) owners.set(`${down} ${across}`, own);
  for (const word of words) {
    const column = placeIn(xs, (word.left + word.right) / 2);
    const row = placeIn(ys, (word.top + word.bottom) / 2);
    owners.get(`${row} ${column}`)?.push(word);
  }
  return cells;
}

function placeIn(edges: readonly number[], place: number): number {
  let at = 0;
  while (at < edges.length - 2 && (edges[at + 1] ?? 0) <= place) at += 1;
  return at;
}

/** Words that lie across lines, and many empty cells, speak against a table. */
function confidenceOf({ cells }: { cells: readonly CellPlace[] }, words: readonly Word[], xs: readonly number[]): number {
  const inner = xs.slice(1, -1);
  const crossing = words.filter(({ left, right }) => inner.some((x) => x > left + 2 && x < right - 2)).length;
  const filled = cells.filter((cell) => cell.words.length > 0).length / Math.max(cells.length, 1);
  const parted = 1 - crossing / Math.max(words.length, 1);
  return Math.round((0.5 + 0.5 * Math.min(1, filled * 1.5)) * parted * 100) / 100;
}

/** Areas that are filled end wherever a text ends, too: only edges over a good part of the width rule rows. */
export function withoutShortEdges({ lying, standing }: Rules): Rules {
  const from = Math.min(...lying.map((rule) => rule.from));
  const to = Math.max(...lying.map((rule) => rule.to));
  const covered = new Map<number, number>();
  for (const rule of lying) covered.set(rule.at, (covered.get(rule.at) ?? 0) + rule.to - rule.from);
  return { standing, lying: lying.filter(({ at }) => (covered.get(at) ?? 0) > 0.5 * (to - from)) };
}
