import type { PictureFacts, Sharp } from '../../media/sharp.ts';
import type { NormalOptions } from './contract.ts';

/** What thumbnails are written as. */
export type OutputFormat = Exclude<NormalOptions['format'], 'same'>;

export const outputFormats: Readonly<Record<OutputFormat, { mediaType: string; extension: string }>> = {
  jpeg: { mediaType: 'image/jpeg', extension: 'jpg' },
  png: { mediaType: 'image/png', extension: 'png' },
  webp: { mediaType: 'image/webp', extension: 'webp' },
  avif: { mediaType: 'image/avif', extension: 'avif' },
  gif: { mediaType: 'image/gif', extension: 'gif' },
};

/** `same` means the format of the picture, or the nearest that browsers show. */
export function outputFormat(asked: NormalOptions['format'], { format, hasAlpha }: PictureFacts): OutputFormat {
  if (asked !== 'same') return asked;
  if (format === 'heif') return 'avif';
  if (format === 'svg') return 'png';
  if (format === 'pdf') return 'jpeg';
  if (format === 'tiff') return hasAlpha ? 'png' : 'jpeg';
  return format;
}

/** Whether all frames are kept. Frames cannot be turned upright together, so a turned animation becomes its first frame. */
export function keepsFrames(
  animated: boolean,
  format: OutputFormat,
  { frames, orientation, format: source }: PictureFacts,
): boolean {
  const isAnimation = frames > 1 && (source === 'gif' || source === 'webp');
  return animated && isAnimation && orientation === 1 && (format === 'gif' || format === 'webp');
}

/** What lies behind see-through parts and in margins. */
export function background(format: OutputFormat): { r: number; g: number; b: number; alpha: number } {
  return { r: 255, g: 255, b: 255, alpha: format === 'jpeg' ? 1 : 0 };
}

/** Sets how a picture is to be written; nothing is decoded or written yet. */
export function encode(picture: Sharp, format: OutputFormat, quality: number): Sharp {
  if (format === 'jpeg') return picture.flatten({ background: background(format) }).jpeg({ quality });
  if (format === 'webp') return picture.webp({ quality });
  if (format === 'avif') return picture.avif({ quality });
  return format === 'png' ? picture.png() : picture.gif();
}
