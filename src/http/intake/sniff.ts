import { fileTypeFromBuffer } from 'file-type';

/** How many bytes from the beginning decide what a file is. */
export const sniffBytes = 16 * 1024;

/** One name for each kind of bytes, where `file-type` has its own. */
const aliases: Readonly<Record<string, string>> = {
  'image/apng': 'image/png',
  'application/eps': 'application/postscript',
  'image/vnd.microsoft.icon': 'image/x-icon',
};

/**
 * The media type of a file by its first bytes (`sniffBytes` of them, or the whole file), or null where they are of no known
 * kind. Names and headers that came along have no say.
 */
export async function sniff(head: Buffer): Promise<string | null> {
  const quick = commonType(head);
  if (quick !== null) return quick;
  if (isSvg(head)) return 'image/svg+xml';
  const mime = await typeFromLibrary(head);
  if (mime !== undefined) return aliases[mime] ?? mime;
  if (head.subarray(0, 1024).includes('%PDF-')) return 'application/pdf';
  if (isMangledPng(head)) return 'image/png';
  if (isTiff(head)) return 'image/tiff';
  return isText(head) ? 'text/plain' : null;
}

/** The kinds that nearly all uploads are of, told by a few bytes: no library, no promise. */
function commonType(head: Buffer): string | null {
  if (head.length < 4) return null;
  switch (head.readUInt32BE(0)) {
    case 0x89504e47:
      return head.length >= 8 && head.readUInt32BE(4) === 0x0d0a1a0a ? 'image/png' : null;
    case 0x47494638:
      return 'image/gif';
    case 0x25504446:
      return 'application/pdf';
    case 0x52494646:
      return head.toString('latin1', 8, 12) === 'WEBP' ? 'image/webp' : null;
    default:
      return head.readUIntBE(0, 3) === 0xffd8ff ? 'image/jpeg' : null;
  }
}

async function typeFromLibrary(head: Buffer): Promise<string | undefined> {
  try {
    return (await fileTypeFromBuffer(head))?.mime;
  } catch {
    // The head ends in the middle of what the library wanted to read: nothing that we could name.
    return undefined;
  }
}

/** What may stand before the root element of a document: how it begins, and how it ends. */
const prolog: readonly (readonly [string, RegExp])[] = [
  ['<?', /\?>/g],
  ['<!--', /-->/g],
  ['<!DOCTYPE', />/g],
];
const svgElement = /<([\w.-]+:)?svg[\s/>]/y;
const internalSubsetEnd = /\]\s*>/g;

/** An `svg` element is the first thing behind the byte order mark, the declaration, comments and the document type. */
function isSvg(head: Buffer): boolean {
  const text = (utf16Text(head) ?? head.toString('utf8')).replace(/^\uFEFF/, '');
  let at = 0;
  for (;;) {
    while (/\s/.test(text.charAt(at))) at += 1;
    const construct = prolog.find(([start]) => text.startsWith(start, at));
    if (construct === undefined) break;
    const end = endOf(text, at, construct[1]);
    if (end === null) return false;
    at = end;
  }
  svgElement.lastIndex = at;
  return svgElement.test(text);
}

function endOf(text: string, start: number, plainEnd: RegExp): number | null {
  const bracket = text.startsWith('<!DOCTYPE', start) ? text.indexOf('[', start) : -1;
  const tag = text.indexOf('>', start);
  const end = bracket !== -1 && bracket < tag ? internalSubsetEnd : plainEnd;
  end.lastIndex = start;
  return end.test(text) ? end.lastIndex : null;
}

function utf16Text(head: Buffer): string | null {
  return head.length >= 2 && head.readUInt16BE(0) === 0xfffe ? head.subarray(2).toString('utf16le') : null;
}

/** The library looks into its directory, which may lie behind all pixels and so behind the head. */
function isTiff(head: Buffer): boolean {
  return ['II*\0', 'MM\0*'].includes(head.toString('latin1', 0, 4));
}

/** A PNG whose signature was damaged on its way, which the signature is made to show: a PNG all the same, and a broken one. */
function isMangledPng(head: Buffer): boolean {
  const at = head.subarray(0, 24).indexOf('IHDR');
  return at >= 10 && at <= 14;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what text does not have
const controls = /[\u0000-\u0008\u000b\u000e-\u001a\u001c-\u001f\u007f]/;

/** UTF-8 without control characters. The head may end in the middle of a character. */
function isText(head: Buffer): boolean {
  try {
    return head.length > 0 && !controls.test(new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true }));
  } catch {
    return false;
  }
}
