import { ServiceError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import { once, type PageImage, smallSize } from './page-image.ts';
import type { PdfPage } from './pdf.ts';
import { shrink } from './sharp.ts';

/** What engines that read text are made for. */
const renderDpi = 300;
/** Less makes small print unreadable. With 50 million pixels a page may then be as large as A1. */
const renderDpiMin = 250;

/** A page of a PDF as a picture to be read. */
export function pdfPageImage(page: PdfPage): PageImage {
  const { dpi, width, height } = drawnSize(page);
  if (dpi < renderDpiMin) {
    const inches = [page.width, page.height].map((points) => Math.round(points / 72)).join(' x ');
    throw new ServiceError(
      'media-limits-exceeded',
      `A page of ${inches} inches has more than ${limits.pixelsMax / 1e6} million pixels at ${renderDpiMin} dpi. Make the page smaller.`,
    );
  }
  const pixels = once(() => page.render({ width, height }));
  const small = smallSize({ width, height });
  return {
    width,
    height,
    dpi,
    file: null,
    colourless: null,
    pixels,
    small: once(async () => shrink(await pixels(), small.width, small.height)),
  };
}

/** 300 dpi, or as much as the limit of pixels leaves. */
export function drawnSize({ width, height }: PdfPage): { dpi: number; width: number; height: number } {
  const inches = (width / 72) * (height / 72);
  const dpi = Math.min(renderDpi, Math.floor(Math.sqrt(limits.pixelsMax / inches)));
  const pixels = (points: number) => Math.max(1, Math.floor((points / 72) * dpi));
  return { dpi, width: pixels(width), height: pixels(height) };
}
