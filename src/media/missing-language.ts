import { nearestName } from '../core/nearest-name.ts';
import type { FoundOcr } from './find-ocr.ts';

/** What is to be done for a language that is not there. */
export function missingLanguage(language: string, { kind, languages }: Pick<FoundOcr, 'kind' | 'languages'>): string {
  const near = nearestName(language, languages);
  const meant = near === null ? '' : ` Did you mean ${near}?`;
  const there = `The language ${language} is not installed; there is ${languages.join(', ')}.${meant}`;
  if (kind === 'js')
    return `${there} More come with \`npm install @tesseract.js-data/${language}\`, or with the program tesseract-ocr.`;
  const name = language.startsWith('script/') ? language.replace('/', '-') : language;
  return `${there} Where Debian has it, \`apt-get install tesseract-ocr-${name.replaceAll('_', '-').toLowerCase()}\` installs it; restart the server then.`;
}
