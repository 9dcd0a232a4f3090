import { ServiceError } from '../../core/errors.ts';
import { limits } from '../../core/limits.ts';
import type { PictureFacts } from '../../media/sharp.ts';
import type { Size } from './contract.ts';

/** Where a thumbnail lies on the scaled picture. All in whole pixels. */
export interface Placement {
  /** Of the thumbnail. */
  readonly width: number;
  readonly height: number;
  /** Of the whole picture at the scale of the thumbnail. */
  readonly scaledWidth: number;
  readonly scaledHeight: number;
  /** Where the thumbnail begins on the scaled picture; negative where it has a margin. */
  readonly left: number;
  readonly top: number;
}

/** The longest side that WebP can have, the strictest of the formats. */
const outputSideMax = 16_383;

/** Pixels in all frames of an animation that is written. */
const framesPixelsMax = 2 * limits.pixelsMax;

/** The longest side that libvips can work on. */
const framesHeightMax = 10_000_000;

/** Throws `media-limits-exceeded` where a side that was left out would become too long. */
export function place(size: Size, picture: { width: number; height: number }): Placement {
  const across = size.width === undefined ? null : size.width / picture.width;
  const down = size.height === undefined ? null : size.height / picture.height;
  const scale = scaleOf(size, across ?? down ?? 1, down ?? across ?? 1);
  const fills = size.fit === 'cover' || size.fit === 'smart';
  const scaledWidth = scaled(picture.width, scale, fills ? size.width : undefined);
  const scaledHeight = scaled(picture.height, scale, fills ? size.height : undefined);
  const width = size.fit === 'inside' ? scaledWidth : (size.width ?? scaledWidth);
  const height = size.fit === 'inside' ? scaledHeight : (size.height ?? scaledHeight);
  refuseTooLong(width, height);
  return {
    width,
    height,
    scaledWidth,
    scaledHeight,
    left: Math.trunc((scaledWidth - width) / 2),
    top: Math.trunc((scaledHeight - height) / 2),
  };
}

/** Throws `media-limits-exceeded`. The frames lie under each other in one picture while they are worked on. */
export function refuseHugeAnimation({ scaledWidth, scaledHeight }: Placement, frames: number): void {
  if (scaledWidth * scaledHeight * frames <= framesPixelsMax && scaledHeight * frames <= framesHeightMax) return;
  throw new ServiceError(
    'media-limits-exceeded',
    `${frames} frames of ${scaledWidth}x${scaledHeight} are too much for one animation. Ask for a smaller size, or leave \`animated\` out.`,
  );
}

/**
 * How large the picture is to be decoded so that every thumbnail can be drawn from it: as the largest needs it. Pixels are not
 * enlarged, as that adds nothing; drawings are, as they get sharper by it.
 */
export function baseSize(placements: readonly Placement[], picture: PictureFacts): { width: number; height: number } {
  const [largest] = placements.toSorted((a, b) => b.scaledWidth * b.scaledHeight - a.scaledWidth * a.scaledHeight);
  if (largest === undefined) return picture;
  const { scaledWidth: width, scaledHeight: height } = largest;
  const isSmaller = width <= picture.width && height <= picture.height;
  const isDrawable = picture.format === 'svg' && Math.max(width, height) <= outputSideMax && width * height <= limits.pixelsMax;
  return isSmaller || isDrawable ? { width, height } : { width: picture.width, height: picture.height };
}

function scaleOf({ fit, enlarge = false }: Size, across: number, down: number): number {
  if (fit === 'inside' && !enlarge) return Math.min(across, down, 1);
  return fit === 'contain' || fit === 'inside' ? Math.min(across, down) : Math.max(across, down);
}

/** At least one pixel, and at least what has to be filled: rounding must not leave a gap. */
function scaled(side: number, scale: number, filled = 1): number {
  return Math.max(Math.round(side * scale), filled);
}

function refuseTooLong(width: number, height: number): void {
  if (Math.max(width, height) <= outputSideMax && width * height <= limits.pixelsMax) return;
  throw new ServiceError(
    'media-limits-exceeded',
    `The thumbnail would be ${width}x${height}; a side may have ${outputSideMax} pixels. Ask for both \`width\` and \`height\`.`,
  );
}
