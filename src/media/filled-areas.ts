import { toGrey } from './page-pixels.ts';
import type { Pixels } from './sharp.ts';
import { shrunkTo } from './shrunk-to.ts';

// Bars, cells and stripes that are filled: what is written there is light on dark, or dark on grey, and engines that read text take all of it for a picture.

/** Part of a page that is filled evenly and written on. In pixels of the picture. */
export interface FilledArea {
  readonly left: number;
  readonly right: number;
  /** Where it begins and ends at its left and right edge, which differ where the page leans. */
  readonly tops: readonly [left: number, right: number];
  readonly bottoms: readonly [left: number, right: number];
  /** How bright it is, and what is written there: 0 to 255. */
  readonly ground: number;
  readonly ink: number;
}

/** It is looked at in about 170 dpi: more shows no more areas. */
export const sideMax = 2_000;
/** What is filled is darker than this part of the paper. */
const filledMax = 0.85;
/** Lines and letters are thinner, in pixels looked at. */
const thin = 5;
const sideMin = 20;
const longSideMin = 50;
/** Edges go on from one column of pixels to the next with at most so much of a step, and end as far from where a straight line would. */
const stepMax = 2;
const bendMax = 3;
/** So much of an area is its ground, which differs by at most so much, and so much is written on it. */
const groundMin = 0.45;
const groundSpread = 20;
const contrastMin = 45;
const inkMin = 0.004;
const inkMax = 0.3;
/** Letters make so many pieces of ink along some row or column; those of one large letter are fewer. */
const piecesMin = 3;
/** More areas are a picture. */
const areasMax = 500;

/** In pixels of a small picture: a page without so large a dark block has no filled area. */
const blockWidth = 16;
const blockHeight = 2;

/** Whether it is worth looking for filled areas. For small pictures of one channel. */
export function mayHaveFills(small: Pixels): boolean {
  const { data, width, height } = small;
  const most = paperOf(data) * filledMax;
  let runs = new Uint32Array(width);
  for (let y = 0; y < height; y += 1) {
    const next = new Uint32Array(width);
    let across = 0;
    for (let x = 0; x < width; x += 1) {
      const isFilled = (data[y * width + x] ?? 255) < most;
      next[x] = isFilled ? (runs[x] ?? 0) + 1 : 0;
      across = (next[x] ?? 0) >= blockHeight ? across + 1 : 0;
      if (across >= blockWidth) return true;
    }
    runs = next;
  }
  return false;
}

export async function filledAreas(pixels: Pixels): Promise<FilledArea[]> {
  const { pixels: reduced, factor } = await shrunkTo(pixels, sideMax);
  const grey = await toGrey(reduced);
  const paper = paperOf(grey.data);
  const { width, height } = grey;
  const found = blobsOf(opened(grey, paper * filledMax), width, height)
    .flatMap(bandsOf)
    .filter(isStraight)
    .flatMap((band) => areaOf(band, grey, paper * filledMax));
  return found.length > areasMax ? [] : found.map((area) => enlarged(area, factor));
}

/** How bright the paper is: a tenth of the page may be brighter. */
function paperOf(data: Uint8Array): number {
  const counts = new Uint32Array(256);
  for (const value of data) counts[value] = (counts[value] ?? 0) + 1;
  return placeOf(counts, data.length / 10);
}

/** 1 where it is dark, without what is thin (opening; Serra 1982). */
function opened({ data, width, height }: Pixels, most: number): Uint8Array {
  const dark = new Uint8Array(width * height);
  for (let at = 0; at < dark.length; at += 1) if ((data[at] ?? 255) < most) dark[at] = 1;
  const eroded = shifted(shifted(dark, width, height, 1), height, width, 1);
  return shifted(shifted(eroded, width, height, 0), height, width, 0);
}

/** Runs of `value` along the rows, those shorter than `thin` dropped or all made longer by it; rows become columns. */
function shifted(mask: Uint8Array, width: number, height: number, keeps: 0 | 1): Uint8Array {
  const reach = thin >> 1;
  const other = new Uint8Array(mask.length);
  for (let y = 0; y < height; y += 1) {
    let sum = 0;
    for (let x = -reach; x < width; x += 1) {
      sum += x + reach < width ? (mask[y * width + x + reach] ?? 0) : 0;
      if (x < 0) continue;
      sum -= x - reach - 1 >= 0 ? (mask[y * width + x - reach - 1] ?? 0) : 0;
      if (keeps === 1 ? sum === thin : sum > 0) other[x * height + y] = 1;
    }
  }
  return other;
}

/** What hangs together: for each of its columns, from `left` on, where it begins and ends. */
interface Blob {
  readonly left: number;
  readonly tops: Int32Array;
  readonly bottoms: Int32Array;
}

function blobsOf(mask: Uint8Array, width: number, height: number): Blob[] {
  const blobs: Blob[] = [];
  const waiting: number[] = [];
  const [tops, bottoms] = [new Int32Array(width).fill(height), new Int32Array(width).fill(-1)];
  for (let start = 0; start < mask.length && blobs.length <= areasMax; start += 1) {
    if (mask[start] !== 1) continue;
    mask[start] = 0;
    waiting.push(start);
    let [left, right] = [width, -1];
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
      const x = at % width;
      const y = (at - x) / width;
      left = Math.min(left, x);
      right = Math.max(right, x);
      tops[x] = Math.min(tops[x] ?? y, y);
      bottoms[x] = Math.max(bottoms[x] ?? y, y);
      for (const next of [x > 0 ? at - 1 : -1, x < width - 1 ? at + 1 : -1, at - width, at + width]) {
        if (mask[next] !== 1) continue;
        mask[next] = 0;
        waiting.push(next);
      }
    }
    if (right - left >= sideMin) blobs.push({ left, tops: tops.slice(left, right + 1), bottoms: bottoms.slice(left, right + 1) });
    tops.fill(height, left, right + 1);
    bottoms.fill(-1, left, right + 1);
  }
  return blobs;
}

/** Parts of a blob that are as high from left to right: a dark row and a dark column that cross are two. */
function bandsOf({ left, tops, bottoms }: Blob): Blob[] {
  const bands: Blob[] = [];
  let from = 0;
  const isStep = (edges: Int32Array, at: number) => Math.abs((edges[at] ?? 0) - (edges[at - 1] ?? 0)) > stepMax;
  for (let at = 1; at <= tops.length; at += 1) {
    if (at < tops.length && !isStep(tops, at) && !isStep(bottoms, at)) continue;
    if (at - from >= sideMin) bands.push({ left: left + from, tops: tops.slice(from, at), bottoms: bottoms.slice(from, at) });
    from = at;
  }
  return bands;
}

/** Of bars and cells the edges are straight, of letters and pictures seldom. */
function isStraight({ tops, bottoms }: Blob): boolean {
  return [tops, bottoms].every((edges) => {
    const [first, last] = [median(edges.subarray(0, thin)), median(edges.subarray(-thin))];
    const bent = edges.filter((place, at) => Math.abs(place - first - ((last - first) * at) / edges.length) > bendMax);
    return bent.length < edges.length / 20;
  });
}

function areaOf(band: Blob, grey: Pixels, most: number): FilledArea[] {
  const { left, tops, bottoms } = band;
  const counts = new Uint32Array(256);
  const pixels = visit(band, grey, (value) => {
    counts[value] = (counts[value] ?? 0) + 1;
  });
  const height = pixels / tops.length;
  if (height < sideMin || Math.max(height, tops.length) < longSideMin) return [];
  const ground = mostOf(counts);
  if (ground >= most) return [];
  if (sumOf(counts, ground - groundSpread, ground + groundSpread) < groundMin * pixels) return [];
  const ink = inkOf(withoutRules(band, grey, ground), ground, pixels);
  if (ink === null || mostPieces(band, grey, (ground + ink) / 2, ink > ground) < piecesMin) return [];
  const ends = (edges: Int32Array): [number, number] => [median(edges.subarray(0, thin)), median(edges.subarray(-thin))];
  const [first, last] = ends(bottoms);
  return [{ left, right: left + tops.length, tops: ends(tops), bottoms: [first + 1, last + 1], ground, ink }];
}

/** How many pixels there are. `down` is from the top of the column on. */
function visit(
  { left, tops, bottoms }: Blob,
  { data, width }: Pixels,
  see: (value: number, across: number, down: number) => void,
): number {
  let pixels = 0;
  for (const [across, top] of tops.entries())
    for (let y = top; y <= (bottoms[across] ?? -1); y += 1) {
      see(data[y * width + left + across] ?? 0, across, y - top);
      pixels += 1;
    }
  return pixels;
}

/** Of its highest column. */
function rowsOf({ tops, bottoms }: Blob): number {
  return Math.max(...bottoms.map((bottom, at) => bottom + 1 - (tops[at] ?? 0)));
}

/** A row or column of which so much is no ground is a line. */
const ruleShare = 0.6;

/** How often each value occurs in rows and columns that are no lines. */
function withoutRules(band: Blob, grey: Pixels, ground: number): Uint32Array {
  const columns = band.tops.length;
  const rows = rowsOf(band);
  const inRow = new Uint32Array(rows);
  const inColumn = new Uint32Array(columns);
  visit(band, grey, (value, across, down) => {
    if (Math.abs(value - ground) < contrastMin) return;
    inRow[down] = (inRow[down] ?? 0) + 1;
    inColumn[across] = (inColumn[across] ?? 0) + 1;
  });
  const counts = new Uint32Array(256);
  visit(band, grey, (value, across, down) => {
    if ((inRow[down] ?? 0) > ruleShare * columns || (inColumn[across] ?? 0) > ruleShare * rows) return;
    counts[value] = (counts[value] ?? 0) + 1;
  });
  return counts;
}

/** How bright is what is written on the ground; null where that is too little or too much to be text. */
function inkOf(counts: Uint32Array, ground: number, pixels: number): number | null {
  const lighter = sumOf(counts, ground + contrastMin, 255);
  const darker = sumOf(counts, 0, ground - contrastMin);
  const written = Math.max(lighter, darker);
  if (written < inkMin * pixels || written > inkMax * pixels) return null;
  return lighter > darker ? placeOf(counts, lighter / 4) : 255 - placeOf(counts.toReversed(), darker / 4);
}

/** How many pieces of ink the row or column has that has most of them. */
function mostPieces(band: Blob, grey: Pixels, threshold: number, isLighter: boolean): number {
  const columns = band.tops.length;
  const rows = rowsOf(band);
  const [inRow, inColumn] = [new Uint32Array(rows), new Uint32Array(columns)];
  const wasInk = new Uint8Array(rows);
  let isAbove = false;
  visit(band, grey, (value, across, down) => {
    const isInk = isLighter ? value > threshold : value < threshold;
    if (isInk && wasInk[down] !== 1) inRow[down] = (inRow[down] ?? 0) + 1;
    if (isInk && (!isAbove || down === 0)) inColumn[across] = (inColumn[across] ?? 0) + 1;
    wasInk[down] = isInk ? 1 : 0;
    isAbove = isInk;
  });
  return Math.max(0, ...inRow, ...inColumn);
}

/** The value around which most lie: their mean. */
function mostOf(counts: Uint32Array): number {
  let [best, most] = [0, -1];
  for (let value = 0; value < 256; value += 1) {
    const sum = sumOf(counts, value - 4, value + 4);
    if (sum > most) [best, most] = [value, sum];
  }
  const near = counts.map((count, value) => (Math.abs(value - best) <= 8 ? count : 0));
  const sum = near.reduce((all, count) => all + count, 0);
  return Math.round(near.reduce((all, count, value) => all + count * value, 0) / Math.max(sum, 1));
}

function sumOf(counts: Uint32Array, from: number, to: number): number {
  let sum = 0;
  for (let value = Math.max(0, from); value <= Math.min(255, to); value += 1) sum += counts[value] ?? 0;
  return sum;
}

/** The value than which so many are greater. */
function placeOf(counts: Uint32Array, wanted: number): number {
  let seen = 0;
  for (let value = 255; value > 0; value -= 1) {
    seen += counts[value] ?? 0;
    if (seen > wanted) return value;
  }
  return 0;
}

function median(values: Int32Array): number {
  return values.toSorted()[values.length >> 1] ?? 0;
}

function enlarged({ left, right, tops, bottoms, ...look }: FilledArea, factor: number): FilledArea {
  const scaled = ([a, b]: readonly [number, number]): [number, number] => [a / factor, b / factor];
  return { ...look, left: left / factor, right: right / factor, tops: scaled(tops), bottoms: scaled(bottoms) };
}

/** Whether light is written on dark. */
export function isInverse({ ground, ink }: FilledArea): boolean {
  return ink > ground;
}
