import { readFile, stat } from 'node:fs/promises';
import sharp, { type Metadata, type OutputInfo, type Sharp, type SharpOptions } from 'sharp';
import { formatBytes } from '../core/byte-sizes.ts';
import { ServiceError } from '../core/errors.ts';
import type { PictureSize } from '../core/job.ts';
import { limits } from '../core/limits.ts';
import { pictureError, tellsOfDamage } from './picture-error.ts';
import { pictureTypes } from './picture-types.ts';

// Opens pictures with sharp, within limits. Only for executors: these are settings of the whole process.
// One picture at a time and a core for it: what works beside it is another executor.
sharp.concurrency(1);
sharp.cache(false);
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: [
    ...['Jpeg', 'Png', 'Webp', 'Nsgif', 'Tiff', 'Heif'].map((format) => `VipsForeignLoad${format}File`),
    // From a file, an SVG could show other files of its folder; bytes in memory lie in no folder.
    'VipsForeignLoadSvgBuffer',
  ],
});

export type { OutputInfo, Sharp };

/** SVGs are the one kind that is read into memory whole. */
const svgBytesMax = 32 * 1024 ** 2;

/** What the header of a picture tells. */
export interface PictureFacts {
  readonly format: 'jpeg' | 'png' | 'webp' | 'gif' | 'tiff' | 'heif' | 'svg' | 'pdf';
  /** Pixels of one frame, upright. */
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  /** The EXIF orientation of the source, 1 to 8; 1 where it has none. */
  readonly orientation: number;
  readonly hasAlpha: boolean;
}

export interface PictureInput {
  readonly path: string;
  readonly mediaType: string;
  /** What was found in the header of these very bytes before. */
  readonly picture: PictureSize | null;
}

export interface Picture {
  readonly facts: PictureFacts;
  /**
   * The first frame, decoded to its last row (a missing end is found), scaled to exactly this size on the way: sharply, or in the plain
   * way (`linear`) that networks were trained with.
   */
  decode(width: number, height: number, kernel?: 'lanczos3' | 'linear'): Promise<Pixels>;
  /**
   * In one pass, which for a small thumbnail costs a tenth less than two: decoded, and scaled and written as `arrange` says. Null
   * where sharp does not decode it.
   */
  readonly write: ((arrange: (upright: Sharp) => Sharp) => Promise<{ data: Buffer; info: OutputInfo }>) | null;
  /** All frames, decoded on demand and not turned upright; what goes wrong then is to be read with `pictureError`. */
  frames(): Sharp;
}

/** Upright sRGB pixels of 8 bits, row by row: 1 (grey), 2 (grey, alpha), 3 or 4 channels. */
export interface Pixels {
  readonly data: Buffer;
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 2 | 3 | 4;
}

/**
 * Reads the header of a picture where what is known of it does not do. Strict reading finds what is missing or does not match
 * its checksum; lenient reading takes what can be decoded. Throws `unprocessable-media`, `media-limits-exceeded` or
 * `unsupported-media-type`; of a JPEG whose header is known, `decode` does. `page`, from 0 on, is of a TIFF, and must be there.
 */
export async function openPicture(
  source: PictureInput,
  { lenient, page = 0 }: { lenient: boolean; page?: number },
): Promise<Picture> {
  const { path, mediaType } = source;
  if (!pictureTypes.includes(mediaType))
    throw new ServiceError('unsupported-media-type', `${mediaType} is no kind of picture that can be decoded here.`);
  const input = mediaType === 'image/svg+xml' ? await readSvg(path) : path;
  const levels = lenient ? (['none'] as const) : strictness(mediaType);
  const options: SharpOptions = {
    failOn: levels.at(-1) ?? 'error',
    limitInputPixels: limits.pixelsMax,
    ...(page > 0 && { page }),
  };
  try {
    const facts = knownFacts(source) ?? factsOf(await sharp(input, options).metadata());
    const strictly = <T>(read: (upright: Sharp) => Promise<T>) =>
      readAt(
        levels.map((failOn) => () => sharp(input, { ...options, failOn }).autoOrient()),
        read,
      );
    return {
      facts,
      decode: (width, height, kernel = 'lanczos3') =>
        strictly((upright) => pixelsOf(upright.resize(width, height, { fit: 'fill', kernel }))),
      write: (arrange) => strictly((upright) => arrange(upright).toBuffer({ resolveWithObject: true })),
      frames: () => sharp(input, { ...options, animated: true, limitInputPixels: limits.pixelsMax * facts.frames }),
    };
  } catch (error) {
    throw pictureError(error);
  }
}

/**
 * How little may be wrong with a picture for it to be whole: each level is tried where the one before found only what is
 * harmless. libjpeg tells of damaged data and of harmless oddities in the same kind of warning; the decoder of GIFs counts a
 * broken frame among its warnings; those of the other decoders are harmless.
 */
function strictness(mediaType: string): readonly ('warning' | 'error')[] {
  if (mediaType === 'image/jpeg') return ['warning', 'error'];
  return mediaType === 'image/gif' ? ['warning'] : ['error'];
}

/** One page of a picture that has pages (TIFF), each of a size of its own; of other pictures the first frame. */
export interface PicturePage {
  /** Upright, in pixels. */
  readonly width: number;
  readonly height: number;
  /** Pixels an inch as the file says; null where it does not. */
  readonly dpi: number | null;
  /** Whether an upright picture is what lies in the file as it is. */
  readonly isUpright: boolean;
  /** Decoded to its last row, scaled to exactly this size on the way (its own size where none is given), on white paper: 1 or 3 channels. */
  decode(width?: number, height?: number): Promise<Pixels>;
  /** Of a picture without colours: one channel in its own size, which is less to handle. Null where the file has less than 8 bits. */
  readonly decodeColourless: (() => Promise<Pixels>) | null;
}

/** Reads the header of one page, from 0 on. Throws like `openPicture`. */
export async function openPicturePage(
  source: PictureInput,
  page: number,
  { lenient }: { lenient: boolean },
): Promise<PicturePage> {
  const { path, mediaType } = source;
  const input = mediaType === 'image/svg+xml' ? await readSvg(path) : path;
  const levels = lenient ? (['none'] as const) : strictness(mediaType);
  const open = (failOn: NonNullable<SharpOptions['failOn']>) =>
    sharp(input, { failOn, limitInputPixels: limits.pixelsMax, ...(page > 0 && { page }) });
  try {
    const metadata = await open(levels.at(-1) ?? 'error').metadata();
    const { width, height, orientation } = factsOf(metadata);
    const isGrey = metadata.space === 'b-w' || metadata.space === 'grey16';
    const upright = levels.map((failOn) => () => {
      const picture = open(failOn).autoOrient().flatten({ background: '#fff' });
      return isGrey ? picture.toColourspace('b-w') : picture.toColourspace('srgb');
    });
    const sized = (picture: Sharp, toWidth: number, toHeight: number) =>
      pixelsOf(picture.resize(toWidth, toHeight, { fit: 'fill' }));
    const oneChannel = (picture: Sharp) => (isGrey ? picture : picture.extractChannel(1));
    const isDeep = (metadata.bitsPerSample ?? 8) >= 8;
    return {
      width,
      height,
      dpi: metadata.density ?? null,
      isUpright: orientation === 1 && metadata.space !== 'cmyk',
      decode: (toWidth = width, toHeight = height) => readAt(upright, (picture) => sized(picture, toWidth, toHeight)),
      decodeColourless: isDeep ? () => readAt(upright, (picture) => sized(oneChannel(picture), width, height)) : null,
    };
  } catch (error) {
    throw pictureError(error);
  }
}

/** Goes on with pixels that were decoded before. */
export function fromPixels({ data, width, height, channels }: Pixels): Sharp {
  return sharp(data, { raw: { width, height, channels }, limitInputPixels: false });
}

/** The middle of a picture, as large as another. */
export function crop(pixels: Pixels, { width, height }: { width: number; height: number }): Promise<Pixels> {
  const [left, top] = [Math.floor((pixels.width - width) / 2), Math.floor((pixels.height - height) / 2)];
  return pixelsOf(fromPixels(pixels).extract({ left, top, width, height }));
}

/** The same picture, smaller. */
export function shrink(pixels: Pixels, width: number, height: number): Promise<Pixels> {
  return pixelsOf(fromPixels(pixels).resize(width, height, { fit: 'fill' }));
}

/** A file that we have written ourselves, scaled into a square of `side` pixels; of its frames the first. */
export function readOwnPicture(path: string, side: number): Promise<Pixels> {
  return pixelsOf(sharp(path).resize(side, side, { fit: 'inside' }));
}

async function readAt<T>([open, ...others]: readonly (() => Sharp)[], read: (upright: Sharp) => Promise<T>): Promise<T> {
  if (open === undefined) throw new Error('there is no level left to decode at');
  try {
    return await read(open());
  } catch (error) {
    if (others.length > 0 && !tellsOfDamage(error)) return readAt(others, read);
    throw pictureError(error);
  }
}

async function pixelsOf(picture: Sharp): Promise<Pixels> {
  const { data, info } = await picture.raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height, channels: info.channels };
}

async function readSvg(path: string): Promise<Buffer> {
  const { size } = await stat(path);
  if (size <= svgBytesMax) return readFile(path);
  throw new ServiceError(
    'media-limits-exceeded',
    `The SVG has ${formatBytes(size)}; the limit is ${formatBytes(svgBytesMax)}. Make it simpler.`,
  );
}

const formats: readonly string[] = ['jpeg', 'png', 'webp', 'gif', 'tiff', 'heif', 'svg'] satisfies PictureFacts['format'][];

function isFormat(format: string): format is PictureFacts['format'] {
  return formats.includes(format);
}

/**
 * A plain JPEG needs no second look: reading its header again would be a round trip for each small thumbnail. What is wrong with it shows
 * when it is decoded, and it is turned by what the decoder itself finds.
 */
function knownFacts({ mediaType, picture }: PictureInput): PictureFacts | null {
  if (mediaType !== 'image/jpeg' || picture === null || picture.orientation === null) return null;
  const { width, height, orientation } = picture;
  if (width === 0 || height === 0) return null;
  const isLying = orientation >= 5;
  const upright = isLying ? { width: height, height: width } : { width, height };
  return { format: 'jpeg', ...upright, frames: 1, orientation, hasAlpha: false };
}

function factsOf({ format, compression, autoOrient, pages = 1, orientation = 1, hasAlpha }: Metadata): PictureFacts {
  if (!isFormat(format) || (format === 'heif' && compression !== 'av1')) {
    throw new ServiceError(
      'unsupported-media-type',
      `Pictures in ${compression ?? format} cannot be decoded here. Convert it to JPEG, PNG, WebP or AVIF.`,
    );
  }
  if (pages > limits.framesMax) {
    throw new ServiceError(
      'media-limits-exceeded',
      `The picture has ${pages} frames; the limit is ${limits.framesMax}. Hand in fewer.`,
    );
  }
  return { format, width: autoOrient.width, height: autoOrient.height, frames: pages, orientation, hasAlpha };
}
