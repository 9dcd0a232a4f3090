import { limits } from '../../core/limits.ts';
import { jpegMeans } from '../../media/jpeg-means.ts';
import { pictureError } from '../../media/picture-error.ts';
import {
  fromPixels,
  type OutputInfo,
  type Picture,
  type PictureFacts,
  type Pixels,
  readOwnPicture,
  type Sharp,
} from '../../media/sharp.ts';
import type { Size } from './contract.ts';
import { background, encode, type OutputFormat } from './formats.ts';
import { placeholder, placeholderSide, type Region } from './placeholder.ts';
import type { Placement } from './placement.ts';

/** Thumbnails up to this size are held in memory until they are stored; an animation never is. */
const heldPixelsMax = 512 * 512;

/** Where a thumbnail goes: into a file, or straight away as bytes. Either gives the id of the output. */
export interface Target {
  file(): { id: string; path: string };
  bytes(bytes: Uint8Array): Promise<string>;
}

/** One thumbnail to be drawn. */
export interface Order {
  readonly fit: Size['fit'];
  readonly placement: Placement;
  readonly format: OutputFormat;
  readonly quality: number;
  readonly target: Target;
}

export interface Drawn {
  readonly bytes: number;
  readonly placeholder: string;
  /** The id of the output. */
  readonly file: string;
}

/** Draws a thumbnail from pixels that were decoded once for all sizes. */
export async function draw(base: Pixels, order: Order): Promise<Drawn> {
  const { placement, format } = order;
  const region = regionOf(placement, base);
  const isSmart = order.fit === 'smart' && isCut(placement) && !isOversized(placement);
  const picture = isSmart
    ? fromPixels(base).resize(placement.width, placement.height, { fit: 'cover', position: 'attention' })
    : arrangePixels(base, region, order);
  const { file, info } = await write(encode(picture, order, base.channels % 2 === 1), order);
  const seen = isSmart ? movedTo(region, placement, info) : region;
  return { bytes: info.size, placeholder: placeholder(base, seen, format === 'jpeg' ? 'white' : 'transparent'), file };
}

function canDrawAtOnce({ fit, placement, format }: Order, { orientation, hasAlpha }: PictureFacts): boolean {
  const { scaledWidth, scaledHeight } = placement;
  // What is cut off below would not be decoded, and so nobody would find that it is missing.
  const isWhole = placement.height >= scaledHeight && (orientation === 1 || placement.width >= scaledWidth);
  return format === 'jpeg' && fit !== 'smart' && !hasAlpha && isWhole && isHeld(placement) && !isOversized(placement);
}

/** Draws the only thumbnail of a picture in one pass; its placeholder is read from the thumbnail. Null where that cannot be. */
export async function drawAtOnce(picture: Picture, order: Order): Promise<Drawn | null> {
  if (picture.write === null || !canDrawAtOnce(order, picture.facts)) return null;
  const { placement, target } = order;
  const { data, info } = await picture.write((upright) => encode(arrange(scale(upright, placement), order), order, true));
  const file = await target.bytes(data);
  const seen = { left: 0, top: 0, width: placement.width / 8, height: placement.height / 8 };
  return { bytes: info.size, placeholder: placeholder(jpegMeans(data), seen, 'white'), file };
}

async function write(picture: Sharp, { placement, target }: Order): Promise<{ file: string; info: OutputInfo }> {
  if (!isHeld(placement)) {
    const { id, path } = target.file();
    return { file: id, info: await picture.toFile(path) };
  }
  const { data, info } = await picture.toBuffer({ resolveWithObject: true });
  return { file: await target.bytes(data), info };
}

/** Draws all frames of an animation, which are decoded anew for each size: together they would be too large to keep. */
export async function drawFrames(source: Picture, order: Order): Promise<Drawn> {
  const { id, path } = order.target.file();
  try {
    const { size } = await encode(arrange(scale(source.frames(), order.placement), order), order).toFile(path);
    const first = await readOwnPicture(path, placeholderSide);
    return { bytes: size, placeholder: placeholder(first, { left: 0, top: 0, ...first }, 'transparent'), file: id };
  } catch (error) {
    throw pictureError(error);
  }
}

/** What would get huge by scaling is cut first; what has its size already is not scaled. */
function arrangePixels(base: Pixels, region: Region, order: Order): Sharp {
  const { width, height, scaledWidth, scaledHeight } = order.placement;
  const picture = fromPixels(base);
  if (isOversized(order.placement)) return picture.extract(inWholePixels(region)).resize(width, height, { fit: 'fill' });
  const isScaled = base.width === scaledWidth && base.height === scaledHeight;
  return arrange(isScaled ? picture : scale(picture, order.placement), order);
}

function scale(picture: Sharp, { scaledWidth, scaledHeight }: Placement): Sharp {
  return picture.resize(scaledWidth, scaledHeight, { fit: 'fill' });
}

/** Cuts a scaled picture, or adds its margins. */
function arrange(scaled: Sharp, { placement, format }: Order): Sharp {
  const { width, height, scaledWidth, scaledHeight, left, top } = placement;
  if (isCut(placement)) return scaled.extract({ left, top, width, height });
  if (width === scaledWidth && height === scaledHeight) return scaled;
  const margins = { left: -left, right: width - scaledWidth + left, top: -top, bottom: height - scaledHeight + top };
  return scaled.extend({ ...margins, background: background(format) });
}

function isCut({ width, height, scaledWidth, scaledHeight }: Placement): boolean {
  return scaledWidth > width || scaledHeight > height;
}

function isHeld({ width, height }: Placement): boolean {
  return width * height <= heldPixelsMax;
}

function isOversized({ scaledWidth, scaledHeight }: Placement): boolean {
  return scaledWidth * scaledHeight > limits.pixelsMax;
}

/** The part of the decoded pixels that a thumbnail shows. */
function regionOf(placement: Placement, base: Pixels): Region {
  const across = base.width / placement.scaledWidth;
  const down = base.height / placement.scaledHeight;
  return {
    left: placement.left * across,
    top: placement.top * down,
    width: placement.width * across,
    height: placement.height * down,
  };
}

/** Where the smart fit has found what catches the eye; the offsets tell how far the scaled picture was moved, so they are negative. */
function movedTo(region: Region, placement: Placement, { cropOffsetLeft = 0, cropOffsetTop = 0 }: OutputInfo): Region {
  const across = region.width / placement.width;
  const down = region.height / placement.height;
  return { ...region, left: -cropOffsetLeft * across, top: -cropOffsetTop * down };
}

function inWholePixels({ left, top, width, height }: Region): Region {
  return {
    left: Math.floor(left),
    top: Math.floor(top),
    width: Math.max(1, Math.floor(width)),
    height: Math.max(1, Math.floor(height)),
  };
}
