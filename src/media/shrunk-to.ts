import { type Pixels, shrink } from './sharp.ts';

/** The same picture with a longer side of at most so many pixels; one that is not larger stays as it is. `factor`: by which its sides were multiplied. */
export async function shrunkTo(pixels: Pixels, sideMax: number): Promise<{ pixels: Pixels; factor: number }> {
  const factor = Math.min(1, sideMax / Math.max(pixels.width, pixels.height));
  const sized = (side: number) => Math.max(1, Math.round(side * factor));
  return { pixels: factor < 1 ? await shrink(pixels, sized(pixels.width), sized(pixels.height)) : pixels, factor };
}
