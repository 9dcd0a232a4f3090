import { readFile } from 'node:fs/promises';
import type { PageImage } from '../../media/page-image.ts';
import { toJpeg, turn } from '../../media/page-pixels.ts';
import type { ReadPage } from '../../media/read-page.ts';
import { addText, pictureToPdf, type TextLayer } from '../../media/searchable-pdf.ts';
import type { Pixels } from '../../media/sharp.ts';
import type { TaskInput } from '../../ports/service.ts';
import type { DonePage } from './page-result.ts';

/** Without a word in the file, a picture is taken to be a scan of this resolution. */
const usualDpi = 300;
const dpiMin = 30;
const dpiMax = 2_400;
/** Pages of a document that are kept without loss together; the others become JPEGs. */
const plainPixelsMax = 25_000_000;

/** Gathers the pages of the searchable PDF while they are read. */
export class SearchablePdf {
  readonly #input: TaskInput;
  readonly #isPdf: boolean;
  readonly #layers: TextLayer[] = [];
  readonly #pictures: Parameters<typeof pictureToPdf>[0][number][] = [];
  #plainPixels = 0;

  constructor(input: TaskInput, isPdf: boolean) {
    this.#input = input;
    this.#isPdf = isPdf;
  }

  /** Pages that have text of their own need no layer. */
  async add(page: DonePage, read: ReadPage, image: PageImage): Promise<void> {
    const { width, height, rotation } = page;
    const lines = page.lines.map(({ words }) => ({ words: words.map(({ text, box }) => ({ text, box })) }));
    const layer = { index: page.number - 1, width, height, lines, rotation };
    if (this.#isPdf) {
      this.#layers.push(layer);
      return;
    }
    const dpi = image.dpi !== null && image.dpi >= dpiMin && image.dpi <= dpiMax ? image.dpi : usualDpi;
    this.#pictures.push({ ...layer, index: this.#pictures.length, picture: await this.#picture(image, read), dpi });
  }

  async write(target: string): Promise<void> {
    if (this.#isPdf) await addText({ path: this.#input.path }, this.#layers, target);
    else await pictureToPdf(this.#pictures, target);
  }

  async #picture(image: PageImage, { rotation }: ReadPage): Promise<{ jpeg: Buffer } | { pixels: Pixels }> {
    if (rotation === 0 && image.file !== null && this.#input.mediaType === 'image/jpeg')
      return { jpeg: await readFile(this.#input.path) };
    const pixels = await turn(await image.pixels(), rotation);
    this.#plainPixels += pixels.width * pixels.height;
    return this.#plainPixels <= plainPixelsMax ? { pixels } : { jpeg: await toJpeg(pixels) };
  }
}
