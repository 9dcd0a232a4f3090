import type { FieldError } from '../../core/errors.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import { parsePageRanges, spellPageRanges } from '../../core/page-ranges.ts';

/** Puts page ranges and outputs into their one spelling. */
export function normalize(options: JsonObject): JsonObject | FieldError[] {
  const pages = typeof options.pages === 'string' ? parsePageRanges(options.pages) : null;
  if (typeof pages === 'string') return [{ pointer: '#/options/pages', detail: pages }];
  const box = Array.isArray(options.box) ? options.box : null;
  if (box !== null && (box[2] === 0 || box[3] === 0))
    return [{ pointer: '#/options/box', detail: 'The box is empty: its third and fourth numbers are its width and height.' }];
  return { ...options, ...(pages !== null && { pages: spellPageRanges(pages) }), outputs: sorted(options.outputs) };
}

function sorted(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string').toSorted() : [];
}
