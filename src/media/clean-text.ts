// Text of PDFs without what no text should have.

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what text must not have
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\uffff]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: so PDFium marks hyphens at the ends of lines
const markedHyphens = /[\u0002\ufffe]/g;

/** Lines by `\n`; without control characters and halves of characters. */
export function cleanText(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(markedHyphens, '-')
    .replace(controls, '')
    .replace(/\p{Surrogate}/gu, '\ufffd');
}
