import type { FieldError } from '../../core/errors.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import { parsePageRanges, spellPageRanges } from '../../core/page-ranges.ts';
import type { FoundOcr } from '../../media/find-ocr.ts';
import { missingLanguage } from '../../media/missing-language.ts';

/** Checks languages against what is installed, and puts page ranges and outputs into their one spelling. */
export function normalizer(found: Pick<FoundOcr, 'kind' | 'languages'>): (options: JsonObject) => JsonObject | FieldError[] {
  return (options) => {
    const languages = texts(options.language).flatMap((language, at) => {
      const detail = found.languages.includes(language) ? null : missingLanguage(language, found);
      return detail === null ? [] : [{ pointer: `#/options/language/${at}`, detail }];
    });
    const pages = typeof options.pages === 'string' ? parsePageRanges(options.pages) : null;
    const errors = typeof pages === 'string' ? [...languages, { pointer: '#/options/pages', detail: pages }] : languages;
    if (errors.length > 0) return errors;
    return {
      ...options,
      ...(Array.isArray(pages) && { pages: spellPageRanges(pages) }),
      outputs: texts(options.outputs).toSorted(),
    };
  };
}

function texts(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}
