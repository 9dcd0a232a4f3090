import type { PdfDrawing } from '../../media/pdf.ts';
import { type Area, type QuarterTurn, turned } from './frame.ts';

// Lines that rule tables, from whatever they were drawn with: strokes, thin rectangles, edges of filled ones.

/** A line that lies (`at` is its y, from left to right) or stands (`at` is its x, from top to bottom). */
export interface Rule {
  readonly at: number;
  readonly from: number;
  readonly to: number;
}

export interface Rules {
  readonly lying: readonly Rule[];
  readonly standing: readonly Rule[];
}

/** A filled rectangle that is thinner is meant as a line. */
const thinMax = 3.2;
/** Lines so near to each other are one: no row or column is lower or narrower. */
const sameMax = 2.2;
/** A line goes on behind a gap of so much: corners are often left open. */
const gapMax = 3;
/** Dots and dashes alone are shorter. */
const lengthMin = 3;

/** What is drawn as lines; with `withFills` also the edges of filled areas. */
export function readRules(
  { lines, fills }: PdfDrawing,
  turn: QuarterTurn,
  page: { readonly width: number; readonly height: number },
  withFills: boolean,
): Rules {
  const lying: Rule[] = [];
  const standing: Rule[] = [];
  const add = (area: Area) => {
    const [width, height] = [area.right - area.left, area.bottom - area.top];
    if (width >= height) lying.push({ at: (area.top + area.bottom) / 2, from: area.left, to: area.right });
    else standing.push({ at: (area.left + area.right) / 2, from: area.top, to: area.bottom });
  };
  for (const { from, to } of lines) add(turned([from[0], from[1], to[0] - from[0], to[1] - from[1]], turn, page));
  const seams = withFills ? seamsOf(fills.map(({ box, colour }) => ({ area: turned(box, turn, page), colour }))) : null;
  for (const { box, isWhite, colour } of fills) {
    const area = turned(box, turn, page);
    const isThin = Math.min(area.right - area.left, area.bottom - area.top) <= thinMax;
    if (isThin && !isWhite) add(area);
    else if (seams !== null && !isThin && !isPage(area, page))
      edges(area)
        .filter((edge) => !seams.has(seamName(edge, colour)))
        .forEach(add);
  }
  return { lying: merged(lying), standing: merged(standing) };
}

function isPage({ left, right, top, bottom }: Area, { width, height }: { width: number; height: number }): boolean {
  return (right - left) * (bottom - top) > 0.8 * width * height;
}

function edges({ left, top, right, bottom }: Area): Area[] {
  return [
    { left, top, right, bottom: top },
    { left, top: bottom, right, bottom },
    { left, top, right: left, bottom },
    { left: right, top, right, bottom },
  ];
}

/** In points: what is filled line by line is not higher. */
const lineHeightMax = 30;

/** Edges at which two areas of one colour, each as high as a line of text, touch: nothing is to be seen there. */
function seamsOf(fills: readonly { readonly area: Area; readonly colour: number | null }[]): Set<string> {
  const [seen, seams] = [new Set<string>(), new Set<string>()];
  for (const { area, colour } of fills) {
    if (area.bottom - area.top > lineHeightMax) continue;
    for (const edge of edges(area).filter(isLying)) {
      const name = seamName(edge, colour);
      if (seen.has(name)) seams.add(name);
      seen.add(name);
    }
  }
  return seams;
}

/** Beside each other areas of one colour are cells: a text is seldom filled in pieces from left to right. */
function isLying({ top, bottom }: Area): boolean {
  return top === bottom;
}

/** Edges in one place have one name. */
function seamName({ left, top, right, bottom }: Area, colour: number | null): string {
  return [left, top, right, bottom]
    .map((place) => Math.round(place))
    .concat(colour ?? -1)
    .join(' ');
}

/** Lines that lie on each other, or go on where another ends, are one. */
function merged(rules: readonly Rule[]): Rule[] {
  const levels: Rule[][] = [];
  for (const rule of rules.toSorted((a, b) => a.at - b.at)) {
    const level = levels.at(-1);
    const first = level?.[0];
    if (level !== undefined && first !== undefined && rule.at - first.at <= sameMax) level.push(rule);
    else levels.push([rule]);
  }
  return levels.flatMap(joined).filter(({ from, to }) => to - from >= lengthMin);
}

function joined(level: readonly Rule[]): Rule[] {
  const at = level.reduce((sum, rule) => sum + rule.at, 0) / level.length;
  const rules: Rule[] = [];
  for (const { from, to } of level.toSorted((a, b) => a.from - b.from)) {
    const before = rules.at(-1);
    if (before !== undefined && from <= before.to + gapMax)
      rules[rules.length - 1] = { at, from: before.from, to: Math.max(before.to, to) };
    else rules.push({ at, from, to });
  }
  return rules;
}

/** Whether a line that lies is drawn between two heights, over a good part of a width. */
export function isRuledBetween({ lying }: Rules, top: number, bottom: number, { left, right }: Area): boolean {
  return lying.some((rule) => rule.at > top && rule.at < bottom && overlap(rule, left, right) > 0.5 * (right - left));
}

function overlap({ from, to }: Rule, left: number, right: number): number {
  return Math.min(to, right) - Math.max(from, left);
}
