import { readFile } from 'node:fs/promises';
import { ServiceError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import type { Pixels } from './sharp.ts';

/**
 * Reads Windows bitmaps, which sharp cannot: 1, 4, 8, 16, 24 and 32 bits a pixel, bit fields, run-length encoding. What the
 * fields mean is from the descriptions of BITMAPINFOHEADER and its successors.
 */
export interface Bitmap {
  readonly width: number;
  readonly height: number;
  readonly dpi: number | null;
  readonly pixels: Pixels;
}

interface Header {
  readonly width: number;
  readonly height: number;
  readonly isTopDown: boolean;
  readonly bits: number;
  readonly compression: number;
  readonly dataAt: number;
  readonly dpi: number | null;
  readonly palette: Buffer;
  readonly paletteEntryBytes: number;
  /** Of red, green and blue. */
  readonly masks: readonly [number, number, number];
}

const plain = 0;
const runs8 = 1;
const runs4 = 2;
const bitFields = 3;
const alphaBitFields = 6;

export async function readBitmap(path: string): Promise<Bitmap> {
  const bytes = await readFile(path);
  const header = headerOf(bytes);
  const { width, height, dpi } = header;
  const data =
    header.compression === runs8 || header.compression === runs4 ? unpackRuns(bytes, header) : unpackRows(bytes, header);
  return { width, height, dpi, pixels: { data, width, height, channels: 3 } };
}

function headerOf(bytes: Buffer): Header {
  if (bytes.length < 26 || bytes.toString('latin1', 0, 2) !== 'BM') throw damaged('it does not begin like one');
  const size = bytes.readUInt32LE(14);
  if (size === 12) return oldHeader(bytes);
  if (size < 40 || bytes.length < 14 + size) throw damaged('its header is cut off');
  const compression = bytes.readUInt32LE(30);
  const bits = bytes.readUInt16LE(28);
  const rows = bytes.readInt32LE(22);
  const dotsPerMetre = bytes.readInt32LE(38);
  const colours = bytes.readUInt32LE(46);
  const hasFields = compression === bitFields || compression === alphaBitFields;
  const paletteAt = 14 + size + (hasFields && size === 40 ? 12 : 0);
  return checked({
    width: bytes.readInt32LE(18),
    height: Math.abs(rows),
    isTopDown: rows < 0,
    bits,
    compression,
    dataAt: bytes.readUInt32LE(10),
    dpi: dotsPerMetre > 0 ? dotsPerMetre * 0.0254 : null,
    palette: bytes.subarray(paletteAt, paletteAt + 4 * Math.min(colours || 256, 256)),
    paletteEntryBytes: 4,
    masks: hasFields ? fieldsOf(bytes) : bits === 16 ? [0x7c00, 0x03e0, 0x001f] : [0xff0000, 0xff00, 0xff],
  });
}

function fieldsOf(bytes: Buffer): [number, number, number] {
  if (bytes.length < 66) throw damaged('its header is cut off');
  return [bytes.readUInt32LE(54), bytes.readUInt32LE(58), bytes.readUInt32LE(62)];
}

/** The header of OS/2, with sides of 16 bits and colours of 3 bytes. */
function oldHeader(bytes: Buffer): Header {
  return checked({
    width: bytes.readUInt16LE(18),
    height: bytes.readUInt16LE(20),
    isTopDown: false,
    bits: bytes.readUInt16LE(24),
    compression: plain,
    dataAt: bytes.readUInt32LE(10),
    dpi: null,
    palette: bytes.subarray(26, 26 + 3 * 256),
    paletteEntryBytes: 3,
    masks: [0xff0000, 0xff00, 0xff],
  });
}

const bitsOf: Readonly<Record<number, readonly number[]>> = {
  [plain]: [1, 4, 8, 16, 24, 32],
  [runs8]: [8],
  [runs4]: [4],
  [bitFields]: [16, 32],
  [alphaBitFields]: [16, 32],
};

function checked(header: Header): Header {
  const { width, height, bits, compression } = header;
  if (width < 1 || height < 1) throw damaged('it has no size');
  if (width * height > limits.pixelsMax) {
    throw new ServiceError(
      'media-limits-exceeded',
      `The picture is too large; ${limits.pixelsMax / 1e6} million pixels are the limit. Make it smaller.`,
    );
  }
  if (bitsOf[compression]?.includes(bits)) return header;
  throw new ServiceError(
    'unsupported-media-type',
    `Bitmaps of ${bits} bits with compression ${compression} cannot be decoded here. Convert it to PNG.`,
  );
}

function unpackRows(bytes: Buffer, header: Header): Buffer {
  const { width, height, bits, dataAt, isTopDown } = header;
  const rowBytes = Math.ceil((width * bits) / 32) * 4;
  if (dataAt + rowBytes * height > bytes.length + 3) throw damaged('its end is missing');
  const pixels = Buffer.allocUnsafe(width * height * 3);
  const unpack = bits <= 8 ? indexedRow : bits === 24 ? plainRow : fieldRow;
  for (let y = 0; y < height; y++) {
    const row = bytes.subarray(dataAt + (isTopDown ? y : height - 1 - y) * rowBytes);
    unpack(row, pixels, y * width * 3, header);
  }
  return pixels;
}

function plainRow(row: Buffer, pixels: Buffer, to: number, { width }: Header): void {
  for (let at = 0; at < width * 3; at += 3) {
    pixels[to + at] = row[at + 2] ?? 0;
    pixels[to + at + 1] = row[at + 1] ?? 0;
    pixels[to + at + 2] = row[at] ?? 0;
  }
}

function indexedRow(row: Buffer, pixels: Buffer, to: number, header: Header): void {
  const { width, bits } = header;
  const mask = 2 ** bits - 1;
  for (let x = 0; x < width; x++) {
    const bit = x * bits;
    const index = ((row[bit >> 3] ?? 0) >> (8 - bits - (bit & 7))) & mask;
    setIndexed(pixels, to + x * 3, index, header);
  }
}

function setIndexed(pixels: Buffer, to: number, index: number, { palette, paletteEntryBytes }: Header): void {
  const entry = index * paletteEntryBytes;
  pixels[to] = palette[entry + 2] ?? 0;
  pixels[to + 1] = palette[entry + 1] ?? 0;
  pixels[to + 2] = palette[entry] ?? 0;
}

function fieldRow(row: Buffer, pixels: Buffer, to: number, { width, bits, masks }: Header): void {
  const bytes = bits / 8;
  for (let x = 0; x < width; x++) {
    const at = x * bytes;
    const low = (row[at] ?? 0) | ((row[at + 1] ?? 0) << 8);
    const value = (bytes === 2 ? low : low | ((row[at + 2] ?? 0) << 16) | ((row[at + 3] ?? 0) << 24)) >>> 0;
    for (const [channel, mask] of masks.entries()) pixels[to + x * 3 + channel] = field(value, mask);
  }
}

/** The bits under the mask, spread over 0 to 255. */
function field(value: number, mask: number): number {
  if (mask === 0) return 0;
  const shift = 31 - Math.clz32(mask & -mask);
  const most = mask >>> shift;
  return Math.round((((value & mask) >>> shift) / most) * 255);
}

/** Run-length encoding: pairs of a count and an index (of 4 bits: two in turn); a count of 0 begins an escape. */
function unpackRuns(bytes: Buffer, header: Header): Buffer {
  const { width, height, dataAt, compression } = header;
  const pixels = Buffer.alloc(width * height * 3, 255);
  let x = 0;
  let y = height - 1;
  const put = (index: number) => {
    if (x < width && y >= 0) setIndexed(pixels, (y * width + x) * 3, index, header);
    x += 1;
  };
  const putByte = (byte: number, step: number) => put(compression === runs8 ? byte : step % 2 === 0 ? byte >> 4 : byte & 15);
  let at = dataAt;
  while (at + 1 < bytes.length) {
    const count = bytes[at] ?? 0;
    const value = bytes[at + 1] ?? 0;
    at += 2;
    if (count > 0) {
      for (let step = 0; step < count; step++) putByte(value, step);
    } else if (value === 1) {
      return pixels;
    } else if (value === 0) {
      x = 0;
      y -= 1;
    } else if (value === 2) {
      x += bytes[at] ?? 0;
      y -= bytes[at + 1] ?? 0;
      at += 2;
    } else {
      const perByte = compression === runs8 ? 1 : 2;
      for (let step = 0; step < value; step++) putByte(bytes[at + Math.floor(step / perByte)] ?? 0, step);
      at += Math.ceil(value / perByte / 2) * 2;
    }
  }
  throw damaged('its end is missing');
}

function damaged(why: string): ServiceError {
  return new ServiceError('unprocessable-media', `The bitmap is damaged: ${why}.`);
}
