import { readBitmap } from './bmp.ts';
import { once, smallSize } from './page-image.ts';
import type { Source } from './page-source.ts';
import { shrink } from './sharp.ts';

/** A Windows bitmap: one page. */
export async function openBitmapSource({ path }: { readonly path: string }): Promise<Source> {
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
