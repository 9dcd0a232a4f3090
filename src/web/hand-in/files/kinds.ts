/** Kinds of files: their media types by the endings of names, and how people call them. */

const typesByEnding: Readonly<Record<string, string>> = {
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  jfif: 'image/jpeg',
  png: 'image/png',
  apng: 'image/apng',
  webp: 'image/webp',
  gif: 'image/gif',
  tif: 'image/tiff',
  tiff: 'image/tiff',
  bmp: 'image/bmp',
  avif: 'image/avif',
  heif: 'image/heif',
  heic: 'image/heic',
  svg: 'image/svg+xml',
  pdf: 'application/pdf',
};

const namesByType: Readonly<Record<string, string>> = {
  'image/jpeg': 'JPEG',
  'image/webp': 'WebP',
  'image/svg+xml': 'SVG',
  'image/heif': 'HEIF (AV1)',
  'text/html': 'HTML',
  'text/plain': 'text',
  'text/tab-separated-values': 'TSV',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'XLSX',
};

/** Names of the same thing. */
const sameTypes: Readonly<Record<string, string>> = {
  'image/jpg': 'image/jpeg',
  'image/x-ms-bmp': 'image/bmp',
  'application/x-pdf': 'application/pdf',
};

/** By the type that the browser tells, else by the ending; null where neither says anything. The server looks at the bytes. */
export function mediaTypeOf(file: File): string | null {
  const told = sameTypes[file.type] ?? file.type;
  return told === '' || told === 'application/octet-stream' ? (typesByEnding[endingOf(file.name)] ?? null) : told;
}

export function endingOf(name: string): string {
  return /\.([^./\\]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
}

/** `image/svg+xml` as `SVG`. */
export function nameOfType(mediaType: string): string {
  return namesByType[mediaType] ?? (mediaType.split('/')[1] ?? mediaType).replace(/^x-|\+.*$/g, '').toUpperCase();
}

/** `pictures and PDFs`: families where there are several of one, names else. */
export function familiesOf(mediaTypes: readonly string[]): string {
  const pictures = mediaTypes.filter((type) => type.startsWith('image/'));
  const others = mediaTypes.filter((type) => !type.startsWith('image/')).map((type) => `${nameOfType(type)}s`);
  return listOf([...(pictures.length > 1 ? ['pictures'] : pictures.map(nameOfType)), ...others]);
}

/** `JPEG, PNG and WebP`. */
export function listOf(words: readonly string[]): string {
  return new Intl.ListFormat('en-GB', { type: 'conjunction' }).format(words);
}
