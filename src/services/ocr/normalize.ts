import type { FieldError } from '../../core/errors.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import { nearestName } from '../../core/nearest-name.ts';
import type { FoundOcr } from '../../media/find-ocr.ts';
import { parsePageRanges, spellPageRanges } from './page-ranges.ts';

/** Checks languages against what is installed, and puts page ranges and outputs into their one spelling. */
export function normalizer(found: Pick<FoundOcr, 'kind' | 'languages'>): (options: JsonObject) => JsonObject | FieldError[] {
  return (options) => {
    const languages = texts(options.language).flatMap((language, at) => {
      const detail = found.languages.includes(language) ? null : missing(language, found);
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

/** What is to be done for a language that is not there. */
export function missing(language: string, { kind, languages }: Pick<FoundOcr, 'kind' | 'languages'>): string {
  const near = nearestName(language, languages);
  const meant = near === null ? '' : ` Did you mean ${near}?`;
  const there = `The language ${language} is not installed; there is ${languages.join(', ')}.${meant}`;
  if (kind === 'js')
    return `${there} More come with \`npm install @tesseract.js-data/${language}\`, or with the program tesseract-ocr.`;
  const name = language.startsWith('script/') ? language.replace('/', '-') : language;
  return `${there} Debian has it as \`apt-get install tesseract-ocr-${name.replaceAll('_', '-').toLowerCase()}\`; restart the server then.`;
}

function texts(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}
