import { imageSize } from 'image-size';
import { ServiceError } from '../../core/errors.ts';
import type { PictureSize } from '../../core/job.ts';
import { limits } from '../../core/limits.ts';
import { type Found, walkGif, walkJpeg, walkPng, walkWebp } from './picture-headers.ts';
import { StreamWalker, type Walk } from './stream-walker.ts';

/** Measures a picture while its bytes go by. */
export interface PictureMeter {
  /** Throws `media-limits-exceeded` as soon as the header says so. */
  write(chunk: Buffer): void;
  /** Call once after the last byte; throws like `write`. Null where the header does not tell. */
  end(): PictureSize | null;
}

/** How much of a file is looked at where the header may lie anywhere near its beginning. */
const headBytesMax = 256 * 1024;

const walks: Readonly<Record<string, (found: Found) => Walk>> = {
  'image/gif': walkGif,
  'image/png': walkPng,
  'image/jpeg': walkJpeg,
  'image/webp': walkWebp,
};

/** The meter for a media type; null where such bytes are no picture. */
export function pictureMeter(mediaType: string): PictureMeter | null {
  const walk = walks[mediaType];
  if (walk !== undefined) return walkingMeter(walk);
  return mediaType.startsWith('image/') ? headMeter() : null;
}

/** Throws `media-limits-exceeded` for a picture with too many pixels a frame or too many frames. */
export function checkPicture({ width, height, frames }: PictureSize): void {
  if (width * height > limits.pixelsMax) {
    const pixels = `${width} x ${height} is ${Math.ceil((width * height) / 1e6)} million pixels`;
    throw new ServiceError('media-limits-exceeded', `${pixels}; the limit is ${limits.pixelsMax / 1e6} million a frame.`);
  }
  if (frames > limits.framesMax) {
    throw new ServiceError('media-limits-exceeded', `The picture has more than ${limits.framesMax} frames, which is the limit.`);
  }
}

function walkingMeter(walk: (found: Found) => Walk): PictureMeter {
  let picture: PictureSize | null = null;
  const walker = new StreamWalker(
    walk((size) => {
      checkPicture(size);
      picture = { ...size };
    }),
  );
  return {
    write: (chunk) => walker.write(chunk),
    end: () => picture,
  };
}

function headMeter(): PictureMeter {
  let head: Buffer[] = [];
  let bytes = 0;
  let measured = false;
  let picture: PictureSize | null = null;
  const measure = () => {
    measured = true;
    picture = sizeFromHead(Buffer.concat(head));
    head = [];
    if (picture !== null) checkPicture(picture);
  };
  return {
    write(chunk) {
      if (measured) return;
      head.push(Buffer.from(chunk.subarray(0, headBytesMax - bytes)));
      bytes += chunk.length;
      if (bytes >= headBytesMax) measure();
    },
    end() {
      if (!measured) measure();
      return picture;
    },
  };
}

function sizeFromHead(head: Buffer): PictureSize | null {
  try {
    const { width, height, images = [] } = imageSize(head);
    const largest = [...images, { width, height }].reduce((a, b) => (b.width * b.height > a.width * a.height ? b : a));
    return { width: largest.width, height: largest.height, frames: 1, orientation: null };
  } catch {
    // A header that is damaged, cut off or further inside: the decoder has its own limits and says what is wrong.
    return null;
  }
}
