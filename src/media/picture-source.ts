import { once, type PageImage, smallSize } from './page-image.ts';
import type { Source } from './page-source.ts';
import { openPicture, openPicturePage, type PictureInput } from './sharp.ts';

/** What Tesseract reads itself; the rest is decoded for it. */
const readByEngine: readonly string[] = ['image/jpeg', 'image/png', 'image/tiff', 'image/webp', 'image/gif'];

/** Pictures: of a TIFF all pages, of an animation the first frame. */
export async function openPictureSource(input: PictureInput, options: { lenient: boolean }): Promise<Source> {
  const { facts } = await openPicture({ ...input, picture: null }, options);
  const pageCount = input.mediaType === 'image/tiff' ? facts.frames : 1;
  return {
    pageCount,
    isPdf: false,
    async page(index) {
      return { ownText: () => null, image: () => pageImage(input, index, pageCount, options), close() {} };
    },
    close() {},
  };
}

async function pageImage(
  input: PictureInput,
  index: number,
  pageCount: number,
  options: { lenient: boolean },
): Promise<PageImage> {
  const page = await openPicturePage(input, index, options);
  const { width, height, dpi } = page;
  const isWhole = pageCount === 1 && page.isUpright && readByEngine.includes(input.mediaType);
  const small = smallSize(page);
  return {
    width,
    height,
    dpi,
    // The resolution stands in the file, and the engine knows best which of it to believe.
    file: isWhole ? { path: input.path, dpi: null } : null,
    colourless: isWhole ? page.decodeColourless : null,
    pixels: once(() => page.decode()),
    small: once(() => page.decode(small.width, small.height)),
  };
}
