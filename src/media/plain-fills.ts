import { type FilledArea, filledAreas, mayHaveFills } from './filled-areas.ts';
import { once, type PageImage } from './page-image.ts';
import { type Pixels, shrink } from './sharp.ts';
import { withoutFills } from './without-fills.ts';

export interface PlainImage {
  readonly image: PageImage;
  /** What was filled, in pixels of the image. */
  readonly areas: readonly FilledArea[];
}

/**
 * The page with what is written on filled areas dark on white; the same image where there are none, which its small picture in one
 * channel quickly tells.
 */
export async function plainFills(image: PageImage, seen: Pixels): Promise<PlainImage> {
  const { width, height } = seen;
  if (!mayHaveFills(seen)) return { image, areas: [] };
  const areas = await filledAreas(await image.pixels());
  if (areas.length === 0) return { image, areas };
  const pixels = once(async () => withoutFills(await image.pixels(), areas));
  const small = once(async () => shrink(await pixels(), width, height));
  return { image: { ...image, file: null, colourless: null, pixels, small }, areas };
}
