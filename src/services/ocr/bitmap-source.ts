import { readBitmap } from '../../media/bmp.ts';
import { shrink } from '../../media/sharp.ts';
import type { TaskInput } from '../../ports/service.ts';
import { once, smallSize } from './page-image.ts';
import type { Source } from './source.ts';

/** A Windows bitmap: one page. */
export async function openBitmapSource({ path }: TaskInput): Promise<Source> {
  const { width, height, dpi, pixels } = await readBitmap(path);
  const small = smallSize(pixels);
  const image = {
    width,
    height,
    dpi,
    file: { path, dpi: null },
    colourless: null,
    pixels: async () => pixels,
    small: once(() => shrink(pixels, small.width, small.height)),
  };
  return {
    pageCount: 1,
    isPdf: false,
    page: async () => ({ ownText: () => null, image: async () => image, close() {} }),
    close() {},
  };
}
