/** The names after `/StmF` and `/StrF`: how the streams and the strings of an encrypted PDF are encrypted (ISO 32000-1, 7.6.5). */
const streamsFilter = /\/StmF\s*\/([^\s/<>[\]()]+)/;
const stringsFilter = /\/StrF\s*\/([^\s/<>[\]()]+)/;

/** How the encryption of a PDF suits PDFium, which opens none whose strings are encrypted in another way than its streams. */
export type FilterState = 'same' | 'aligned' | 'different';

/**
 * Writes the filter of the streams in the place of that of the strings, where it has room there. Pages and fonts are streams; strings
 * (titles, outlines, the values of forms) mean nothing then, so that such a PDF must not be saved.
 */
export function alignCryptFilters(pdf: Uint8Array): FilterState {
  const text = Buffer.from(pdf.buffer, pdf.byteOffset, pdf.length).toString('latin1');
  const [streams, strings] = [streamsFilter.exec(text), stringsFilter.exec(text)];
  const [ofStreams = 'Identity', ofStrings = 'Identity'] = [streams?.[1], strings?.[1]];
  if (ofStreams === ofStrings) return 'same';
  if (strings === null || ofStreams.length > ofStrings.length) return 'different';
  const at = strings.index + strings[0].length - ofStrings.length;
  pdf.set(Buffer.from(ofStreams.padEnd(ofStrings.length), 'latin1'), at);
  return 'aligned';
}
