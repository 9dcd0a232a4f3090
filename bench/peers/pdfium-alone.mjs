/** PDFium as its package wraps it, and nothing else: the text of all pages of the PDFs that it is given, one after the other. */
import { readFile } from 'node:fs/promises';
import { PDFiumLibrary } from '@hyzyla/pdfium';
import { answering } from '../support/answering.mjs';

const library = await PDFiumLibrary.init();

/** The characters of all texts, and the milliseconds for all of them. */
async function readAll({ paths }) {
  const begin = performance.now();
  let characters = 0;
  for (const path of paths) {
    const document = await library.loadDocument(await readFile(path));
    for (const page of document.pages()) {
      characters += page.getText().length;
      // The package opens pages and never closes one: after some thousands its memory is full.
      library.module._FPDF_ClosePage(page.pageIdx);
    }
    document.destroy();
  }
  return { ms: performance.now() - begin, characters };
}

answering({}, readAll);
