import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { ServiceError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import { alignCryptFilters } from './crypt-filters.ts';
import { readGeometry } from './pdf-geometry.ts';
import { type PdfDrawing, readDrawing } from './pdf-paths.ts';
import { renderPage } from './pdf-render.ts';
import { type PdfCharacter, type PdfGlyph, type PdfStyle, readCharacters, readGlyphs, readRuns, readText } from './pdf-text.ts';
import { loadPdfium, type Pdfium } from './pdfium-module.ts';
import type { Pixels } from './sharp.ts';

export type { PdfCharacter, PdfDrawing, PdfGlyph, PdfStyle };

/** A PDF that was opened. What breaks PDFium on the way is told as `unprocessable-media`, or `media-limits-exceeded`. */
export interface Pdf {
  readonly pageCount: number;
  /** The first page is 0. Throws `unprocessable-media` where the page cannot be loaded. */
  page(index: number): PdfPage;
  close(): void;
}

export interface PdfPage {
  /** In points (1/72 inch), upright: what is shown of the page, turned as its `/Rotate` says. */
  readonly width: number;
  readonly height: number;
  /** The `/Rotate` of the page, clockwise degrees. */
  readonly rotation: 0 | 90 | 180 | 270;
  /** In the order of the content, spaces and line ends between them included. Boxes are in points of the upright page, from its top left. */
  characters(): PdfCharacter[];
  /** The same characters, for those who put them together anew: twice as quick. */
  glyphs(): PdfGlyph[];
  /** Runs of characters without a space, as PDFium parts them: quicker still. */
  runs(): PdfGlyph[];
  /** The text in the order that PDFium reads it in, lines by `\n`. */
  text(): string;
  /** The straight lines, filled areas and pictures that are drawn on the page. */
  drawing(): PdfDrawing;
  /** RGB on white paper, with annotations and the fields of forms. Throws `media-limits-exceeded` for more than `limits.pixelsMax`. */
  render(size: { width: number; height: number }): Promise<Pixels>;
  close(): void;
}

/**
 * Opens a PDF; it is held in memory until it is closed. Throws `password-required`, `wrong-password`, `unprocessable-media` or
 * `media-limits-exceeded`.
 */
export async function openPdf(path: string, options: { password?: string } = {}): Promise<Pdf> {
  const document = await openDocument(path, { ...options, isReadOnly: true });
  const { pdfium, handle } = document;
  const pages: PdfPage[] = [];
  let form: Form | undefined;
  let isOpen = true;
  return {
    pageCount: document.pageCount,
    page(index) {
      const page = openPage(pdfium, handle, index, () => {
        form ??= openForm(pdfium, handle);
        return form;
      });
      pages.push(page);
      return page;
    },
    close() {
      if (!isOpen) return;
      isOpen = false;
      for (const page of pages) page.close();
      if (form !== undefined && !pdfium.isBroken) pdfium.run(() => form?.close());
      document.close();
    },
  };
}

/** A document inside PDFium. */
export interface OpenDocument {
  readonly pdfium: Pdfium;
  readonly handle: number;
  readonly pageCount: number;
  close(): void;
}

/**
 * What `openPdf` opens, for those who need more of PDFium than it shows. Throws the same. `isReadOnly`: it will not be saved, so that
 * what lies in its strings need not be understood.
 */
export async function openDocument(
  path: string,
  options: { password?: string; isReadOnly?: boolean } = {},
): Promise<OpenDocument> {
  const pdfium = await loadPdfium();
  pdfium.documents.count += 1;
  const addresses: number[] = [];
  let handle = 0;
  const close = () => {
    pdfium.documents.count -= 1;
    if (pdfium.isBroken) return;
    pdfium.run(() => {
      if (handle !== 0) pdfium.call.FPDF_CloseDocument(handle);
      for (const address of addresses) pdfium.call.free(address);
    });
  };
  try {
    const file = readInto(pdfium, path);
    addresses.push(file.address);
    const password = writeText(pdfium, options.password);
    addresses.push(password);
    handle = loadDocument(pdfium, file, password, options);
    const pageCount = pdfium.run(() => pdfium.call.FPDF_GetPageCount(handle));
    refusePageCount(pageCount);
    return { pdfium, handle, pageCount, close };
  } catch (error) {
    close();
    throw error;
  }
}

function loadDocument(
  pdfium: Pdfium,
  { address, bytes }: { address: number; bytes: number },
  passwordAddress: number,
  { password, isReadOnly = false }: { password?: string; isReadOnly?: boolean },
): number {
  const load = () => pdfium.run(() => pdfium.call.FPDF_LoadMemDocument(address, bytes, passwordAddress));
  const handle = load();
  if (handle !== 0) return handle;
  const code = pdfium.call.FPDF_GetLastError();
  // What PDFium says of a wrong password it says of filters that it does not open, too.
  const filters = code === passwordError ? alignCryptFilters(pdfium.bytes().subarray(address, address + bytes)) : 'same';
  const again = filters === 'aligned' && isReadOnly ? load() : 0;
  if (again !== 0) return again;
  const isUnknown = filters === 'different' || (filters === 'aligned' && !isReadOnly);
  throw openingError(isUnknown ? securityError : code, password !== undefined);
}

/** The bytes of a file in the memory of PDFium. Executors do nothing else meanwhile, so that they are read where they are needed at once. */
function readInto(pdfium: Pdfium, path: string): { address: number; bytes: number } {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const address = pdfium.run(() => pdfium.allocate(size));
    for (let at = 0; at < size; ) {
      const count = readSync(file, pdfium.bytes(), address + at, size - at, at);
      if (count === 0) throw new Error('the PDF became shorter while it was read');
      at += count;
    }
    return { address, bytes: size };
  } finally {
    closeSync(file);
  }
}

/** UTF-8 that ends with a zero; no text is the address 0. */
function writeText(pdfium: Pdfium, text: string | undefined): number {
  if (text === undefined) return 0;
  const bytes = Buffer.from(text, 'utf8');
  const address = pdfium.run(() => pdfium.allocate(bytes.length + 1));
  pdfium.bytes().set(bytes, address);
  return address;
}

const [passwordError, securityError] = [4, 5];

function openingError(code: number, hasPassword: boolean): ServiceError {
  if (code === passwordError && hasPassword)
    return new ServiceError('wrong-password', 'The password does not open the PDF. Send the right one.');
  if (code === passwordError)
    return new ServiceError('password-required', 'The PDF is encrypted. Send its password, or a copy without encryption.');
  if (code === securityError)
    return new ServiceError('unprocessable-media', 'The PDF is encrypted in a way that is not known here. Send a copy without.');
  return new ServiceError('unprocessable-media', 'The PDF is damaged beyond repair: what its pages are cannot be found.');
}

function refusePageCount(count: number): void {
  if (count <= 0) throw new ServiceError('unprocessable-media', 'The PDF has no pages, or they cannot be found.');
  if (count <= limits.pdfPagesMax) return;
  throw new ServiceError(
    'media-limits-exceeded',
    `The PDF has ${count} pages; the limit is ${limits.pdfPagesMax}. Split it and hand in the parts.`,
  );
}

function openPage(pdfium: Pdfium, document: number, index: number, form: () => Form): PdfPage {
  const page = pdfium.run(() => pdfium.call.FPDF_LoadPage(document, index));
  if (page === 0)
    throw new ServiceError('unprocessable-media', `Page ${index + 1} of the PDF is damaged or missing. Save the PDF again.`);
  const geometry = pdfium.run(() => readGeometry(pdfium, page));
  let isOpen = true;
  let pageForm: Form | undefined;
  return {
    width: geometry.width,
    height: geometry.height,
    rotation: geometry.rotation,
    characters: () => pdfium.run(() => readCharacters(pdfium, page, geometry)),
    glyphs: () => pdfium.run(() => readGlyphs(pdfium, page, geometry)),
    runs: () => pdfium.run(() => readRuns(pdfium, page, geometry)),
    text: () => pdfium.run(() => readText(pdfium, page, geometry)),
    drawing: () => pdfium.run(() => readDrawing(pdfium, page, geometry)),
    async render(size) {
      return pdfium.run(() => {
        if (pageForm === undefined) {
          pageForm = form();
          pageForm.enter(page);
        }
        return renderPage(pdfium, page, pageForm.handle, size);
      });
    },
    close() {
      if (!isOpen || pdfium.isBroken) return;
      isOpen = false;
      pdfium.run(() => {
        pageForm?.leave(page);
        pdfium.call.FPDF_ClosePage(page);
      });
    },
  };
}

/** What draws the fields of forms. */
interface Form {
  readonly handle: number;
  enter(page: number): void;
  leave(page: number): void;
  close(): void;
}

/** An `FPDF_FORMFILLINFO` of version 2 without any callback. */
const formInfoBytes = 256;

function openForm({ call, view, allocate }: Pdfium, document: number): Form {
  const info = allocate(formInfoBytes);
  view().setUint32(info, 2, true);
  const handle = call.FPDFDOC_InitFormFillEnvironment(document, info);
  if (handle !== 0) call.FPDF_SetFormFieldHighlightAlpha(handle, 0);
  const within = (act: () => unknown) => {
    if (handle !== 0) act();
  };
  return {
    handle,
    enter: (page) => within(() => call.FORM_OnAfterLoadPage(page, handle)),
    leave: (page) => within(() => call.FORM_OnBeforeClosePage(page, handle)),
    close() {
      within(() => call.FPDFDOC_ExitFormFillEnvironment(handle));
      call.free(info);
    },
  };
}
