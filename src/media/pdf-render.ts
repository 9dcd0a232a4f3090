import { ServiceError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import type { Pdfium } from './pdfium-module.ts';
import type { Pixels } from './sharp.ts';

// Draws a page into pixels.

const formatBgr = 2;
const drawAnnotations = 0x01;
/** Red first, as everybody else has it. */
const reverseByteOrder = 0x10;
const white = 0xffffffff;

/** `form` is the environment that draws the fields of forms; 0 where there is none. */
export function renderPage(
  pdfium: Pdfium,
  page: number,
  form: number,
  { width, height }: { width: number; height: number },
): Pixels {
  refuseHuge(width, height);
  const { call } = pdfium;
  // Rows begin at multiples of four.
  const stride = Math.ceil((width * 3) / 4) * 4;
  const address = pdfium.allocate(stride * height);
  const bitmap = call.FPDFBitmap_CreateEx(width, height, formatBgr, address, stride);
  if (bitmap === 0) throw new Error(`PDFium makes no bitmap of ${width}x${height}`);
  call.FPDFBitmap_FillRect(bitmap, 0, 0, width, height, white);
  call.FPDF_RenderPageBitmap(bitmap, page, 0, 0, width, height, 0, drawAnnotations | reverseByteOrder);
  if (form !== 0) call.FPDF_FFLDraw(form, bitmap, page, 0, 0, width, height, 0, reverseByteOrder);
  call.FPDFBitmap_Destroy(bitmap);
  const data = withoutPadding(pdfium.bytes().subarray(address, address + stride * height), stride, width * 3);
  call.free(address);
  return { data, width, height, channels: 3 };
}

function withoutPadding(rows: Uint8Array, stride: number, rowBytes: number): Buffer {
  if (stride === rowBytes) return Buffer.from(rows);
  const height = rows.length / stride;
  const data = Buffer.allocUnsafe(rowBytes * height);
  for (let row = 0; row < height; row += 1) data.set(rows.subarray(row * stride, row * stride + rowBytes), row * rowBytes);
  return data;
}

function refuseHuge(width: number, height: number): void {
  if (width * height <= limits.pixelsMax) return;
  throw new ServiceError(
    'media-limits-exceeded',
    `The page would be ${width}x${height} pixels; ${limits.pixelsMax / 1_000_000} million are the limit. Ask for a smaller picture of it.`,
  );
}
