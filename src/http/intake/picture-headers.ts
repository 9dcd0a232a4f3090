import type { PictureSize } from '../../core/job.ts';
import { walkExif } from './exif-orientation.ts';
import { skip, take, type Walk } from './stream-walker.ts';

/** Tells of a size or a number of frames as soon as it is known; throws where that is too much. */
export type Found = (size: PictureSize) => void;

/** GIF89a: the logical screen and every frame on it (a frame may reach beyond the screen, and decoders then grow it). */
export function* walkGif(found: Found): Walk {
  const screen = yield take(13);
  const size = { width: screen.readUInt16LE(6), height: screen.readUInt16LE(8), frames: 0, orientation: null };
  yield skip(colorTableBytes(screen.readUInt8(10)));
  for (;;) {
    const kind = (yield take(1)).readUInt8();
    if (kind === 0x2c) {
      const frame = yield take(9);
      size.width = Math.max(size.width, frame.readUInt16LE(0) + frame.readUInt16LE(4));
      size.height = Math.max(size.height, frame.readUInt16LE(2) + frame.readUInt16LE(6));
      size.frames += 1;
      found(size);
      yield skip(colorTableBytes(frame.readUInt8(8)) + 1);
    } else if (kind === 0x21) {
      yield skip(1);
    } else {
      // The trailer, or damage: what follows is not read by decoders either.
      return;
    }
    for (let bytes = (yield take(1)).readUInt8(); bytes > 0; bytes = (yield take(1)).readUInt8()) yield skip(bytes);
  }
}

function colorTableBytes(flags: number): number {
  return (flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1);
}

/** PNG and APNG: IHDR, then the larger of the frames that acTL declares and those that are there. */
export function* walkPng(found: Found): Walk {
  yield skip(8);
  const size = { width: 0, height: 0, frames: 1, orientation: null };
  let controls = 0;
  for (;;) {
    const header = yield take(8);
    const bytes = header.readUInt32BE(0);
    const type = header.toString('latin1', 4);
    if (type === 'IHDR' && bytes >= 8) {
      const measures = yield take(8);
      size.width = measures.readUInt32BE(0);
      size.height = measures.readUInt32BE(4);
      found(size);
      yield skip(bytes - 8 + 4);
    } else if (type === 'acTL' && bytes >= 8) {
      size.frames = Math.max(size.frames, (yield take(8)).readUInt32BE(0));
      found(size);
      yield skip(bytes - 8 + 4);
    } else {
      if (type === 'fcTL') {
        controls += 1;
        size.frames = Math.max(size.frames, controls);
        found(size);
      }
      if (type === 'IEND') return;
      yield skip(bytes + 4);
    }
  }
}

/**
 * JPEG: the first start-of-frame segment, however much metadata lies before it, and at the start of the scan the orientation:
 * decoders heed EXIF data anywhere before it. Two segments of EXIF data are not weighed against each other.
 */
export function* walkJpeg(found: Found): Walk {
  let size: PictureSize | null = null;
  let orientation: number | null = 1;
  let hasExif = false;
  yield skip(2);
  for (;;) {
    if ((yield take(1)).readUInt8() !== 0xff) continue;
    let marker = (yield take(1)).readUInt8();
    while (marker === 0xff) marker = (yield take(1)).readUInt8();
    // Fill bytes, restarts and a start of image carry no length.
    if (marker === 0 || marker === 1 || (marker >= 0xd0 && marker <= 0xd8)) continue;
    if (marker === 0xda && size !== null) found({ ...size, orientation });
    if (marker === 0xd9 || marker === 0xda) return;
    const bytes = Math.max((yield take(2)).readUInt16BE() - 2, 0);
    if (isStartOfFrame(marker) && size === null) {
      const frame = yield take(5);
      size = { height: frame.readUInt16BE(1), width: frame.readUInt16BE(3), frames: 1, orientation: null };
      found(size);
      yield skip(Math.max(bytes - 5, 0));
    } else if (marker === 0xe1) {
      const told = yield* walkExif(bytes);
      if (told === 'none') continue;
      orientation = hasExif ? null : told;
      hasExif = true;
    } else {
      yield skip(bytes);
    }
  }
}

function isStartOfFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

/** WebP: the canvas of VP8X, VP8 or VP8L, then the ANMF frames of an animation. */
export function* walkWebp(found: Found): Walk {
  yield skip(12);
  let size: PictureSize | null = null;
  let frames = 0;
  for (;;) {
    const header = yield take(8);
    const type = header.toString('latin1', 0, 4);
    const bytes = header.readUInt32LE(4);
    const padded = bytes + (bytes & 1);
    if (size === null && (type === 'VP8X' || type === 'VP8 ' || type === 'VP8L') && bytes >= 10) {
      size = webpSize(type, yield take(10));
      found(size);
      if (type !== 'VP8X') return;
      yield skip(padded - 10);
      continue;
    }
    if (type === 'ANMF' && size !== null) {
      frames += 1;
      found({ ...size, frames });
    }
    yield skip(padded);
  }
}

function webpSize(type: 'VP8X' | 'VP8 ' | 'VP8L', chunk: Buffer): PictureSize {
  if (type === 'VP8X')
    return { width: chunk.readUIntLE(4, 3) + 1, height: chunk.readUIntLE(7, 3) + 1, frames: 1, orientation: null };
  if (type === 'VP8 ')
    return { width: chunk.readUInt16LE(6) & 0x3fff, height: chunk.readUInt16LE(8) & 0x3fff, frames: 1, orientation: null };
  const bits = chunk.readUInt32LE(1);
  return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1, frames: 1, orientation: null };
}
