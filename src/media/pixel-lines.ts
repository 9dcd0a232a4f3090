import { inkOf } from './ink.ts';
import { toGrey } from './page-pixels.ts';
import type { Pixels } from './sharp.ts';
import { shrunkTo } from './shrunk-to.ts';

// Lines that lie or stand in a picture: long runs of ink, thin across. What leans by less than a degree is one line still.

/** In pixels of the picture: `at` is the y of a line that lies, the x of one that stands. */
export interface PixelLine {
  readonly isLying: boolean;
  readonly at: number;
  readonly from: number;
  readonly to: number;
  readonly thickness: number;
}

/** A page is looked at in about 200 dpi: more shows no more lines. */
const sideMax = 2_400;
/** In parts of the longer side: shorter are strokes of letters, thicker are filled areas. */
const lengthShare = 1 / 60;
const thicknessShare = 1 / 220;
/** In pixels: what is shorter may be a stroke of a letter in a small picture, unless a longer line crosses it. */
const strokeMax = 40;
/** So many pixels without ink are a speck of dust on the line; a run has this part of ink at least. */
const gapMax = 2;
const densityMin = 0.9;
/** Real pages have hundreds; pictures may have more, of which none is a table. */
const linesMax = 4_000;

export async function pixelLines(pixels: Pixels): Promise<PixelLine[]> {
  const { pixels: reduced, factor } = await shrunkTo(pixels, sideMax);
  const small = await toGrey(reduced);
  const ink = inkOf(small);
  const lying = linesIn(ink, small.width, small.height);
  const standing = linesIn(transposed(ink, small.width, small.height), small.height, small.width);
  const scaled = (isLying: boolean) => (line: Line) => ({
    isLying,
    at: line.at / factor,
    from: line.from / factor,
    to: line.to / factor,
    thickness: line.thickness / factor,
  });
  return [...lying.filter(isRule(standing)).map(scaled(true)), ...standing.filter(isRule(lying)).map(scaled(false))];
}

/** Whether a line is none of a letter. `across`: those of the other direction. */
function isRule(across: readonly Line[]): (line: Line) => boolean {
  const rules = across.filter(isLong);
  return (line) => isLong(line) || rules.some((rule) => reaches(line, rule.at) && reaches(rule, line.at));
}

function isLong({ from, to }: Line): boolean {
  return to - from >= strokeMax;
}

function reaches({ from, to }: Line, place: number): boolean {
  return place >= from - gapMax && place <= to + gapMax;
}

function transposed(ink: Uint8Array, width: number, height: number): Uint8Array {
  const other = new Uint8Array(ink.length);
  for (let y = 0; y < height; y += 1) for (let x = 0; x < width; x += 1) other[x * height + y] = ink[y * width + x] ?? 0;
  return other;
}

type Line = Omit<PixelLine, 'isLying'>;

/** Runs of neighbouring rows that touch. */
interface Growing {
  from: number;
  to: number;
  ink: number;
  /** Sum of the rows, each by its ink. */
  rows: number;
  lastRow: number;
  lastFrom: number;
  lastTo: number;
}

function linesIn(ink: Uint8Array, width: number, height: number): Line[] {
  const longest = Math.max(width, height);
  const [lengthMin, thicknessMax] = [longest * lengthShare, Math.max(3, longest * thicknessShare)];
  const done: Line[] = [];
  let open: Growing[] = [];
  const end = (each: Growing) => {
    const length = each.to - each.from;
    const thickness = each.ink / length;
    if (length < lengthMin || thickness > thicknessMax) return;
    done.push({ at: each.rows / each.ink + 0.5, from: each.from, to: each.to, thickness });
  };
  for (let y = 0; y < height && done.length < linesMax; y += 1) {
    for (const run of runsOf(ink.subarray(y * width, (y + 1) * width), lengthMin)) grow(open, run, y);
    for (const each of open) if (each.lastRow < y - 1) end(each);
    open = open.filter(({ lastRow }) => lastRow >= y - 1);
  }
  for (const each of open) end(each);
  return done;
}

interface Run {
  readonly from: number;
  readonly to: number;
  readonly ink: number;
}

function runsOf(row: Uint8Array, lengthMin: number): Run[] {
  const runs: Run[] = [];
  let [from, last, ink] = [-1, -1, 0];
  const end = () => {
    if (from >= 0 && last + 1 - from >= lengthMin && ink >= densityMin * (last + 1 - from))
      runs.push({ from, to: last + 1, ink });
    from = -1;
    ink = 0;
  };
  for (let x = row.indexOf(1); x >= 0; x = row.indexOf(1, x + 1)) {
    if (from >= 0 && x - last > gapMax + 1) end();
    if (from < 0) from = x;
    last = x;
    ink += 1;
  }
  end();
  return runs;
}

function grow(open: Growing[], { from, to, ink }: Run, row: number): void {
  const line = open.find((each) => from <= each.lastTo + gapMax && to >= each.lastFrom - gapMax);
  if (line === undefined) {
    open.push({ from, to, ink, rows: row * ink, lastRow: row, lastFrom: from, lastTo: to });
    return;
  }
  const isSameRow = line.lastRow === row;
  line.lastFrom = isSameRow ? Math.min(line.lastFrom, from) : from;
  line.lastTo = isSameRow ? Math.max(line.lastTo, to) : to;
  line.from = Math.min(line.from, from);
  line.to = Math.max(line.to, to);
  line.ink += ink;
  line.rows += row * ink;
  line.lastRow = row;
}

/** What is beside a line begins so many pixels beyond its edge. */
const edge = 2;

/** The same picture with paper in place of lines, of which engines that read text make letters. */
export function withoutLines({ data, width, height, channels }: Pixels, lines: readonly PixelLine[]): Pixels {
  const clean = Buffer.from(data);
  for (const { isLying, at, from, to, thickness } of lines) {
    const [along, across] = isLying ? [channels, width * channels] : [width * channels, channels];
    const most = isLying ? height : width;
    const reach = Math.ceil(thickness / 2) + edge;
    const [first, last] = [Math.max(0, Math.round(at) - reach), Math.min(most - 1, Math.round(at) + reach)];
    const end = Math.min(Math.ceil(to) + edge, isLying ? width : height);
    for (let place = Math.max(0, Math.floor(from) - edge); place < end; place += 1)
      for (let channel = 0; channel < channels; channel += 1) {
        const start = place * along + channel;
        // Of what is clean already: where lines cross, the other one is beside it.
        const paper = Math.max(clean[start + first * across] ?? 255, clean[start + last * across] ?? 255);
        for (let line = first; line <= last; line += 1) clean[start + line * across] = paper;
      }
  }
  return { data: clean, width, height, channels };
}
