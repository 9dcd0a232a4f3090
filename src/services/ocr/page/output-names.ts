import type { Output } from '../contract.ts';

/** What people call the outputs. */
export const outputNames: Readonly<Record<Output, string>> = {
  text: 'Text',
  words: 'Words on the picture',
  hocr: 'hOCR',
  tsv: 'TSV',
  pdf: 'Searchable PDF',
};
