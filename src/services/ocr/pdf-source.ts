import type { OwnText, Source } from '../../media/page-source.ts';
import { openPdf, type PdfPage } from '../../media/pdf.ts';
import { drawnSize, pdfPageImage } from '../../media/pdf-page-image.ts';
import type { TaskInput } from '../../ports/service.ts';
import { pdfLines } from './pdf-lines.ts';

/** A PDF: pages that have text give it, the others are drawn as pictures. */
export async function openPdfSource({ path }: TaskInput): Promise<Source> {
  const pdf = await openPdf(path);
  return {
    pageCount: pdf.pageCount,
    isPdf: true,
    async page(index) {
      const page = pdf.page(index);
      return { ownText: () => ownText(page), image: async () => pdfPageImage(page), close: () => page.close() };
    },
    close: () => pdf.close(),
  };
}

function ownText(page: PdfPage): OwnText | null {
  const text = page.text().trim();
  if (text === '') return null;
  const { dpi, width, height } = drawnSize(page);
  return { text, lines: pdfLines(page.characters(), dpi / 72), width, height };
}
