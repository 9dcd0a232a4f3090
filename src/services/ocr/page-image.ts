import type { OcrPicture } from '../../media/ocr-engine.ts';
import type { Pixels } from '../../media/sharp.ts';

/** The picture of one page, as it is read. */
export interface PageImage {
  /** Upright by what the file itself says of it. */
  readonly width: number;
  readonly height: number;
  readonly dpi: number | null;
  /** The file itself where it shows the page as it is and the engine may take it: nothing is faster, or nearer to the original. */
  readonly file: OcrPicture | null;
  /** Of 1 or 3 channels; decoded when first asked for. */
  pixels(): Promise<Pixels>;
  /** At most about a million of them, for measuring; its decoding finds what is damaged. */
  small(): Promise<Pixels>;
}

/** Calls at most once. */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => {
    made ??= make();
    return made;
  };
}

const smallSideMax = 1_000;

/** The size in which a page is measured. */
export function smallSize({ width, height }: { width: number; height: number }): { width: number; height: number } {
  const factor = Math.min(1, smallSideMax / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * factor)), height: Math.max(1, Math.round(height * factor)) };
}
