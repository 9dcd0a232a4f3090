/** Names that are not written as words. */
const names: Readonly<Record<string, string>> = {
  jpeg: 'JPEG',
  png: 'PNG',
  webp: 'WebP',
  avif: 'AVIF',
  gif: 'GIF',
  hocr: 'hOCR',
  tsv: 'TSV',
  csv: 'CSV',
  xlsx: 'XLSX',
  html: 'HTML',
  xml: 'XML',
  json: 'JSON',
  pdf: 'PDF',
};

/** A value of an option as a person reads it: `jpeg` as `JPEG`, `cover` as `Cover`. */
export function wordFor(value: string): string {
  return names[value] ?? `${value.slice(0, 1).toUpperCase()}${value.slice(1)}`;
}

/** The language of a Tesseract code: `deu` as `German`. Codes that nobody knows stay as they are. */
export function languageName(code: string): string {
  try {
    return new Intl.DisplayNames(undefined, { type: 'language', fallback: 'code' }).of(code.replace('_', '-')) ?? code;
  } catch {
    // Not every name of a Tesseract language is one that browsers know (`chi_sim_vert`, `script/Latin`).
    return code;
  }
}
