import { createRequire } from 'node:module';
import { dirname } from 'node:path';

const require = createRequire(import.meta.url);

/** The folder of the npm packages with the data of languages for tesseract.js, each a folder of the language's name. */
export function languagePackages(): string {
  return dirname(dirname(require.resolve('@tesseract.js-data/eng/package.json')));
}

/** The one package that is for no language: which way up a page is. */
export function orientationPackage(): string {
  return dirname(require.resolve('@tesseract.js-data/osd/package.json'));
}

/** Which of the files of a package: small and exact for reading; with the older engine, which alone tells the orientation. */
export const readingData = '4.0.0_best_int';
export const orientationData = '4.0.0';
