import { openBitmapSource } from '../../media/bitmap-source.ts';
import { openPdf } from '../../media/pdf.ts';
import { openPictureSource } from '../../media/picture-source.ts';
import type { TaskInput } from '../../ports/service.ts';
import type { PageReader, ReadContent } from './page-content.ts';
import { pdfContent } from './pdf-content.ts';
import { recognizedContent } from './recognized-content.ts';

/** What was handed in, as pages. */
export interface Pages {
  readonly pageCount: number;
  /** Points to a unit of the boxes that are given: of PDFs 1, of pictures what a pixel is. */
  readonly scale: number;
  /** The first page is 0. */
  read(index: number): Promise<ReadContent>;
  close(): void;
}

/** Of pictures, whose resolution says little of how large their letters are; letters are taken to be of usual size then. */
const pointsToPixel = 72 / 200;

export async function openPages(input: TaskInput, password: string | undefined, reader: PageReader): Promise<Pages> {
  if (input.mediaType !== 'application/pdf') return openPicturePages(input, reader);
  const pdf = await openPdf(input.path, password === undefined ? {} : { password });
  return {
    pageCount: pdf.pageCount,
    scale: 1,
    async read(index) {
      const page = pdf.page(index);
      try {
        return await pdfContent(page, reader);
      } finally {
        page.close();
      }
    },
    close: () => pdf.close(),
  };
}

async function openPicturePages(input: TaskInput, reader: PageReader): Promise<Pages> {
  const isBitmap = input.mediaType === 'image/bmp';
  const source = await (isBitmap ? openBitmapSource(input) : openPictureSource(input, { lenient: false }));
  return {
    pageCount: source.pageCount,
    scale: pointsToPixel,
    async read(index) {
      const page = await source.page(index);
      try {
        return await recognizedContent(await page.image(), reader, pointsToPixel);
      } finally {
        page.close();
      }
    },
    close: () => source.close(),
  };
}
