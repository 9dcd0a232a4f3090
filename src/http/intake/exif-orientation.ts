import { skip, take } from './stream-walker.ts';

/** Finds the EXIF orientation in an APP1 segment of a JPEG while its bytes go by. */

const headerBytes = 14;
const entryBytes = 12;
const orientationTag = 0x0112;
const shortType = 3;

/**
 * Walks over all `bytes` of an APP1 segment and tells its orientation: 1 to 8, 1 where its EXIF data has none, null where it
 * has one in a way that readers may not agree on, and `none` where the segment is no EXIF at all (but XMP, say).
 */
export function* walkExif(bytes: number): Generator<number, number | 'none' | null, Buffer> {
  if (bytes < headerBytes) {
    yield skip(bytes);
    return null;
  }
  const header = yield take(headerBytes);
  let left = bytes - headerBytes;
  if (!header.subarray(0, 4).equals(Buffer.from('Exif'))) {
    yield skip(left);
    return 'none';
  }
  const order = header.toString('latin1', 4, 10);
  const isLittle = order === '\0\0II*\0';
  const shortAt = (buffer: Buffer, at: number) => (isLittle ? buffer.readUInt16LE(at) : buffer.readUInt16BE(at));
  // Where the first directory begins, counted from the end of the 8 bytes that the TIFF header within has.
  const gap = (isLittle ? header.readUInt32LE(10) : header.readUInt32BE(10)) - 8;
  if ((!isLittle && order !== '\0\0MM\0*') || gap < 0 || gap + 2 > left) {
    yield skip(left);
    return null;
  }
  yield skip(gap);
  const entries = shortAt(yield take(2), 0);
  left -= gap + 2;
  if (entries * entryBytes > left) {
    yield skip(left);
    return null;
  }
  const found: (number | null)[] = [];
  for (let number = 0; number < entries; number += 1) {
    const entry = yield take(entryBytes);
    if (shortAt(entry, 0) === orientationTag) found.push(orientationIn(entry, shortAt, isLittle));
  }
  yield skip(left - entries * entryBytes);
  const [orientation = 1] = found;
  return found.length > 1 ? null : orientation;
}

function orientationIn(entry: Buffer, shortAt: (buffer: Buffer, at: number) => number, isLittle: boolean): number | null {
  const count = isLittle ? entry.readUInt32LE(4) : entry.readUInt32BE(4);
  const value = shortAt(entry, 8);
  return shortAt(entry, 2) === shortType && count === 1 && value >= 1 && value <= 8 ? value : null;
}
