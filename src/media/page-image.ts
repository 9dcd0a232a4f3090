import type { OcrPicture } from './ocr-engine.ts';
import type { Pixels } from './sharp.ts';

/** The picture of one page, as it is read. */
export interface PageImage {
  /** Upright by what the file itself says of it. */
  readonly width: number;
  readonly height: number;
  readonly dpi: number | null;
  /** The file itself where it shows the page as it is and the engine may take it: nothing is faster, or nearer to the original. */
  readonly file: OcrPicture | null;
  /** If the page turns out to be without colours: pixels that say the same as the file and are quicker to read. Null: the file is as quick. */
  readonly colourless: (() => Promise<Pixels>) | null;
  /** Of 1 or 3 channels; decoded when first asked for. */
  pixels(): Promise<Pixels>;
  /** At most about a million of them, for measuring; decoding them finds what is damaged. */
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

/** Small print has lines of about 9 pixels then, which is enough to find their angle. */
const smallSideMin = 550;

/** The size in which a page is measured: by a half, a quarter or an eighth, because JPEGs are quickly decoded in those. */
export function smallSize({ width, height }: { width: number; height: number }): { width: number; height: number } {
  const longest = Math.max(width, height);
  const factor = [16, 8, 4, 2].find((each) => longest / each >= smallSideMin) ?? 1;
  return { width: Math.ceil(width / factor), height: Math.ceil(height / factor) };
}
