import { ServiceError } from './errors.ts';

/** Ranges of page numbers as options spell them: `1-3,7`. */

/** Beyond this no document of the world has a page. */
const pageNumberMax = 100_000;
const rangesMax = 100;

export interface PageRange {
  readonly first: number;
  readonly last: number;
}

/** The ranges in order and without overlaps, or a sentence that says what is wrong. */
export function parsePageRanges(text: string): PageRange[] | string {
  const ranges: PageRange[] = [];
  for (const part of text.split(',')) {
    const [first = Number.NaN, last = first] = part.split('-').map(Number);
    if (!(first >= 1)) return 'Pages are numbered from 1 on.';
    if (last < first) return `The range ${part.trim()} runs backwards: write ${last}-${first}.`;
    if (last > pageNumberMax) return `There are no pages beyond ${pageNumberMax}. Leave \`pages\` out to have all.`;
    ranges.push({ first, last });
  }
  if (ranges.length > rangesMax) return `At most ${rangesMax} ranges can be given.`;
  return joined(ranges.toSorted((a, b) => a.first - b.first));
}

function joined(sorted: readonly PageRange[]): PageRange[] {
  const ranges: PageRange[] = [];
  for (const { first, last } of sorted) {
    const before = ranges.at(-1);
    if (before === undefined || first > before.last + 1) ranges.push({ first, last });
    else ranges[ranges.length - 1] = { first: before.first, last: Math.max(before.last, last) };
  }
  return ranges;
}

export function spellPageRanges(ranges: readonly PageRange[]): string {
  return ranges.map(({ first, last }) => (first === last ? String(first) : `${first}-${last}`)).join(',');
}

/** Which pages of a file are asked for, the first being 0. Throws `validation-error` where it does not have them. */
export function pageIndexes(ranges: string | undefined, pageCount: number): number[] {
  const all = Array.from({ length: pageCount }, (_, index) => index);
  const asked = ranges === undefined ? null : parsePageRanges(ranges);
  if (asked === null || typeof asked === 'string') return all;
  const last = asked.at(-1)?.last ?? 0;
  if (last > pageCount) {
    throw new ServiceError(
      'validation-error',
      `The file has ${pageCount === 1 ? 'one page' : `${pageCount} pages`}, so that \`pages\` cannot ask for page ${last}.`,
    );
  }
  return all.filter((index) => asked.some(({ first, last }) => index + 1 >= first && index + 1 <= last));
}
