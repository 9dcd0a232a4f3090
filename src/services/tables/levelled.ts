import { once, type PageImage } from '../../media/page-image.ts';
import { straighten, toGrey } from '../../media/page-pixels.ts';
import { crop, type Pixels, shrink } from '../../media/sharp.ts';
import { shrunkTo } from '../../media/shrunk-to.ts';
import { measureSkew } from '../../media/skew.ts';

/** Rows of a table run into each other on a page that leans by more; one that leans far is left to those who read it. */
const degreesMin = 0.2;
const degreesMax = 5;
/** How far the angle must stand out: noise makes up to 1.4. */
const strengthMin = 1.6;
/** Pixels of the longer side that tell so small an angle; of fewer, lines of text are hardly higher than one. */
const sideMax = 1_200;

/** A page whose lines lie level, as large as before: what is lost of its corners is margin. `degrees`: by how much it was turned clockwise. */
export async function levelled(image: PageImage): Promise<{ image: PageImage; degrees: number }> {
  const { pixels: measured } = await shrunkTo(await image.pixels(), sideMax);
  const { degrees, strength } = measureSkew(await toGrey(measured));
  const isLeaning = Math.abs(degrees) >= degreesMin && Math.abs(degrees) <= degreesMax && strength >= strengthMin;
  if (!isLeaning) return { image, degrees: 0 };
  const level = async (pixels: Pixels) => crop(await straighten(pixels, degrees), pixels);
  const pixels = once(async () => level(await image.pixels()));
  const small = once(async () => {
    const { width, height } = await image.small();
    return shrink(await pixels(), width, height);
  });
  return { image: { ...image, file: null, colourless: null, pixels, small }, degrees };
}
