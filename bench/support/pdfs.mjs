/** PDFs with text: real ones where `../shared` lies beside the project, else some that are drawn here. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { PDFDocument, StandardFonts } from 'pdf-lib';

const corpora = new URL('../../../shared/corpora/', import.meta.url);
const words = 'harbour lamp wick crown ship captain tons laden dues brass glass summer night oil rope quay'.split(' ');

/** `[{name, bytes, pages}]` with text on their pages; without `real` only drawn ones. */
export async function textPdfs({ real }) {
  const manifest = new URL('pdf/manifest.json', corpora);
  if (!real || !existsSync(manifest)) return Promise.all([1, 1, 1, 1, 12, 20].map(drawnPdf));
  const { items } = JSON.parse(await readFile(manifest, 'utf8'));
  const readable = items.filter(
    ({ file, reference_pdfjs: seen }) => /\/(icdar|camelot|tabula|text)_/.test(file) && (seen?.chars_first5 ?? 0) > 100,
  );
  return Promise.all(
    readable.map(async ({ file, reference_pdfjs: { pages } }) => ({
      name: file,
      bytes: await readFile(new URL(file, corpora)),
      pages,
    })),
  );
}

/** Pages of 45 lines of 11 words. */
async function drawnPdf(pages, number) {
  const pdf = await PDFDocument.create();
  const font = await pdf.embedFont(StandardFonts.Helvetica);
  let chance = 12345 + number;
  const word = () => {
    chance = (chance * 1103515245 + 12345) & 0x7fffffff;
    return words[(chance >> 8) % words.length];
  };
  for (let at = 0; at < pages; at++) {
    const page = pdf.addPage([595, 842]);
    for (let line = 0; line < 45; line++) {
      const text = Array.from({ length: 11 }, word).join(' ');
      page.drawText(text, { x: 60, y: 780 - line * 16, size: 10, font });
    }
  }
  return { name: `drawn ${number}, ${pages} pages`, bytes: Buffer.from(await pdf.save()), pages };
}

/** A PDF with eight digits behind its end, so that no two that are sent need to be equal. */
export function counted(bytes) {
  const end = Buffer.from('\n%00000000\n');
  return { bytes: Buffer.concat([bytes, end]), counterAt: bytes.length + 2 };
}
