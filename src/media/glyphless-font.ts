import { deflateSync } from 'node:zlib';
import { type PdfObject, type PdfWriter, ref } from './pdf-writer.ts';

// A font whose glyphs cover nothing: text in it can be found and copied, and nothing of it is seen. Tesseract has the same idea.

/** How wide and high each glyph is, in parts of the font size. It stands on the baseline and has nothing below it. */
export const glyphWidth = 0.5;

export interface GlyphlessFont {
  /** The text as a string of the content of a page. */
  encode(text: string): string;
  /** Writes the font, once all text was encoded. */
  write(writer: PdfWriter, object: PdfObject): void;
}

/** Numbers each code point by its first use, so that any text fits into two bytes a code point. */
export function glyphlessFont(): GlyphlessFont {
  const numbers = new Map<string, number>();
  const numberOf = (character: string) => {
    const known = numbers.get(character);
    if (known !== undefined) return known;
    // There are more code points than numbers, but not in one document.
    const number = Math.min(numbers.size + 1, 0xffff);
    numbers.set(character, number);
    return number;
  };
  return {
    encode: (text) => `<${[...text].map((character) => hex(numberOf(character))).join('')}>`,
    write(writer, object) {
      const [descendant, descriptor, file] = [writer.reserve(), writer.reserve(), writer.reserve()];
      const [glyphs, meaning] = [writer.reserve(), writer.reserve()];
      const type0 = '/Type /Font /Subtype /Type0 /BaseFont /Glyphless /Encoding /Identity-H';
      writer.write(object, `<< ${type0} /DescendantFonts [${ref(descendant)}] /ToUnicode ${ref(meaning)} >>`);
      const system = '/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >>';
      const cid = `/Type /Font /Subtype /CIDFontType2 /BaseFont /Glyphless ${system} /DW ${glyphWidth * 1000}`;
      writer.write(descendant, `<< ${cid} /FontDescriptor ${ref(descriptor)} /CIDToGIDMap ${ref(glyphs)} >>`);
      const box = `/FontBBox [0 0 ${glyphWidth * 1000} 1000] /Ascent 1000 /Descent -1 /CapHeight 1000 /ItalicAngle 0 /StemV 80`;
      const descriptorEntries = `/Type /FontDescriptor /FontName /Glyphless /Flags 5 ${box} /FontFile2 ${ref(file)}`;
      writer.write(descriptor, `<< ${descriptorEntries} >>`);
      writer.writeStream(file, `/Length1 ${fontFile.length}`, fontFile);
      // Every number is glyph 1.
      writeDeflated(
        writer,
        glyphs,
        Buffer.alloc(2 * (numbers.size + 1)).map((_, at) => (at > 1 && at % 2 === 1 ? 1 : 0)),
      );
      writeDeflated(writer, meaning, Buffer.from(unicodeMap(numbers), 'latin1'));
    },
  };
}

function writeDeflated(writer: PdfWriter, object: PdfObject, bytes: Uint8Array): void {
  writer.writeStream(object, '/Filter /FlateDecode', deflateSync(bytes));
}

function hex(number: number): string {
  return number.toString(16).padStart(4, '0');
}

/** The most lines that a block of a CMap may have. */
const blockLinesMax = 100;

/** What each number means, as UTF-16 (ISO 32000-1, 9.10.3). */
function unicodeMap(numbers: ReadonlyMap<string, number>): string {
  const lines = [...numbers].map(
    ([text, number]) => `<${hex(number)}> <${Buffer.from(text, 'utf16le').swap16().toString('hex')}>`,
  );
  const blocks = Array.from({ length: Math.ceil(lines.length / blockLinesMax) }, (_, block) =>
    lines.slice(block * blockLinesMax, (block + 1) * blockLinesMax),
  );
  return [
    '/CIDInit /ProcSet findresource begin 12 dict begin begincmap',
    '/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def',
    '/CMapName /Adobe-Identity-UCS def /CMapType 2 def',
    '1 begincodespacerange <0000> <ffff> endcodespacerange',
    ...blocks.map((block) => `${block.length} beginbfchar\n${block.join('\n')}\nendbfchar`),
    'endcmap CMapName currentdict /CMap defineresource pop end end',
  ].join('\n');
}

/**
 * A TrueType font of two glyphs, 1,000 units to the em (https://learn.microsoft.com/typography/opentype/spec/): an empty one, and
 * one that is a line from corner to corner and back. It has no area, but bounds: PDFium takes words without bounds for nothing.
 */
const fontFile = makeFontFile();

function makeFontFile(): Buffer {
  const width = glyphWidth * 1000;
  const int16 = (...values: number[]) => Buffer.concat(values.map((value) => Buffer.from([(value >> 8) & 255, value & 255])));
  const int32 = (...values: number[]) =>
    Buffer.concat(values.map((value) => int16(Math.floor(value / 65_536) & 0xffff, value & 0xffff)));
  const tables: Record<string, Buffer> = {
    // Windows, Unicode: one segment, the one that ends the list.
    cmap: Buffer.concat([int16(0, 1, 3, 1), int32(12), int16(4, 24, 0, 2, 2, 0, 0, 0xffff, 0, 0xffff, 1, 0)]),
    // One contour that ends with point 1, no instructions, two points on the curve, then how far each is from the one before.
    glyf: Buffer.concat([int16(1, 0, 0, width, 1000, 1, 0), Buffer.from([1, 1]), int16(0, width, 0, 1000)]),
    head: Buffer.concat([
      int32(0x10000, 0x10000, 0, 0x5f0f3cf5),
      int16(0, 1000),
      int32(0, 0, 0, 0),
      int16(0, 0, width, 1000, 0, 8, 2, 0, 0),
    ]),
    hhea: Buffer.concat([int32(0x10000), int16(1000, 0, 0, width, 0, 0, width, 1, 0, 0, 0, 0, 0, 0, 0, 2)]),
    hmtx: int16(width, 0, width, 0),
    loca: int16(0, 0, 12),
    maxp: Buffer.concat([int32(0x10000), int16(2, 2, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0)]),
    name: int16(0, 0, 6),
    post: Buffer.concat([int32(0x30000, 0), int16(0, 0), int32(1, 0, 0, 0, 0)]),
  };
  const names = Object.keys(tables).sort();
  let offset = 12 + 16 * names.length;
  const directory: Buffer[] = [int32(0x10000), int16(names.length, 128, 3, names.length * 16 - 128)];
  const bodies: Buffer[] = [];
  for (const name of names) {
    const table = tables[name] ?? Buffer.alloc(0);
    const padded = Buffer.concat([table, Buffer.alloc(-table.length & 3)]);
    directory.push(Buffer.from(name, 'latin1'), int32(checksum(padded), offset, table.length));
    bodies.push(padded);
    offset += padded.length;
  }
  return Buffer.concat([...directory, ...bodies]);
}

function checksum(table: Buffer): number {
  let sum = 0;
  for (let at = 0; at < table.length; at += 4) sum = (sum + table.readUInt32BE(at)) >>> 0;
  return sum;
}
