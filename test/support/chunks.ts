/** The parts that pictures are made of, as far as tests need them: where their lengths stand and where their pixels end. */

export interface Chunk {
  readonly name: string;
  /** Of the whole part, its head included. */
  readonly start: number;
  readonly end: number;
  /** Where its length is written. */
  readonly field: { readonly at: number; readonly bytes: 2 | 4; readonly order: 'big' | 'little' };
}

/** Of a PNG, a JPEG, a RIFF (WebP), an ISO base media file (AVIF, HEIF) or a TIFF with its first directory; none of other files. */
export function chunksOf(bytes: Buffer): Chunk[] {
  if (bytes.length < 16) return [];
  if (bytes.readUInt32BE(0) === 0x89504e47) return pngChunks(bytes);
  if (bytes.readUInt16BE(0) === 0xffd8) return jpegSegments(bytes);
  if (bytes.toString('latin1', 0, 4) === 'RIFF') return riffChunks(bytes);
  if (bytes.toString('latin1', 4, 8) === 'ftyp') return boxes(bytes);
  if (['II*\0', 'MM\0*'].includes(bytes.toString('latin1', 0, 4))) return directoryEntries(bytes);
  return [];
}

/** Behind the last byte of the pixels of a picture of one frame that is whole; null where it is not known here. */
export function pixelsEnd(bytes: Buffer): number | null {
  const last = chunksOf(bytes).findLast(({ name }) => ['IDAT', 'SOS', 'VP8 ', 'VP8L'].includes(name));
  return last?.end ?? null;
}

function pngChunks(bytes: Buffer): Chunk[] {
  const found: Chunk[] = [];
  for (let at = 8; at + 12 <= bytes.length; ) {
    const end = at + 12 + bytes.readUInt32BE(at);
    found.push({ name: bytes.toString('latin1', at + 4, at + 8), start: at, end, field: { at, bytes: 4, order: 'big' } });
    at = end;
  }
  return found;
}

/** Up to the end of the first picture in the file. */
function jpegSegments(bytes: Buffer): Chunk[] {
  const found: Chunk[] = [];
  for (let at = 2; at + 4 <= bytes.length && bytes.readUInt8(at) === 0xff; ) {
    const marker = bytes.readUInt8(at + 1);
    if (marker === 0xd9) break;
    const head = at + 2 + bytes.readUInt16BE(at + 2);
    const isScan = marker === 0xda;
    const end = isScan ? scanEnd(bytes, head) : head;
    found.push({ name: isScan ? 'SOS' : marker.toString(16), start: at, end, field: { at: at + 2, bytes: 2, order: 'big' } });
    at = end;
  }
  return found;
}

/** The next marker that is neither a restart nor a stuffed byte. */
function scanEnd(bytes: Buffer, from: number): number {
  for (let at = from; at + 1 < bytes.length; at += 1) {
    if (bytes[at] !== 0xff) continue;
    const next = bytes.readUInt8(at + 1);
    if (next !== 0 && next !== 0xff && (next < 0xd0 || next > 0xd7)) return at;
  }
  return bytes.length;
}

function riffChunks(bytes: Buffer): Chunk[] {
  const found: Chunk[] = [];
  for (let at = 12; at + 8 <= bytes.length; ) {
    const size = bytes.readUInt32LE(at + 4);
    const end = at + 8 + size;
    found.push({ name: bytes.toString('latin1', at, at + 4), start: at, end, field: { at: at + 4, bytes: 4, order: 'little' } });
    at = end + (size % 2);
  }
  return found;
}

/** Boxes that hold only boxes are gone into. */
const holders = ['moov', 'trak', 'mdia', 'minf', 'stbl', 'iprp', 'ipco'];

function boxes(bytes: Buffer, from = 0, to = bytes.length): Chunk[] {
  const found: Chunk[] = [];
  for (let at = from; at + 8 <= to; ) {
    const size = bytes.readUInt32BE(at);
    const name = bytes.toString('latin1', at + 4, at + 8);
    if (size < 8) break;
    const end = Math.min(to, at + size);
    found.push({ name, start: at, end, field: { at, bytes: 4, order: 'big' } });
    if (holders.includes(name)) found.push(...boxes(bytes, at + 8, end));
    if (name === 'meta') found.push(...boxes(bytes, at + 12, end));
    at = end;
  }
  return found;
}

/** The entries of a directory tell widths, counts and where things lie: each is a length that can lie, its count and its value. */
function directoryEntries(bytes: Buffer): Chunk[] {
  const isLittle = bytes.readUInt8(0) === 0x49;
  const order = isLittle ? 'little' : 'big';
  const at = isLittle ? bytes.readUInt32LE(4) : bytes.readUInt32BE(4);
  if (at + 2 > bytes.length) return [];
  const count = isLittle ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at);
  const starts = Array.from({ length: count }, (_, index) => at + 2 + index * 12).filter((start) => start + 12 <= bytes.length);
  return starts.flatMap((start) =>
    [4, 8].map((offset) => ({ name: 'entry', start, end: start + 12, field: { at: start + offset, bytes: 4, order } }) as const),
  );
}
