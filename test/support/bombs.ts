/** Small files that want to become huge, made here: each is refused, fails, or is done within its limits. */
import { crc32, deflateSync } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';
import { manyForms, onePage, stream, writeObjects } from './pdfs.ts';
import { tiffOf } from './tiff.ts';

export interface Bomb {
  readonly name: string;
  readonly bytes: Buffer;
}

/** What takes a machine milliseconds to make, and to refuse or to draw. */
export async function quickBombs(): Promise<Bomb[]> {
  return [
    { name: 'png of 16383x16383, 1 bit', bytes: png({ width: 16_383, height: 16_383 }, [flatRows(2_048 * 16_383)]) },
    { name: 'png of 65536x65536 in its header', bytes: png({ width: 65_536, height: 65_536 }, [flatRows(1_000)]) },
    { name: 'png with 256 MB of text', bytes: png({ width: 1, height: 1 }, [textOf(256), flatRows(2)]) },
    { name: 'png with 64 MB in its colour profile', bytes: png({ width: 1, height: 1 }, [profileOf(64), flatRows(2)]) },
    { name: 'gif of 65535x65535', bytes: gif(65_535, 65_535, 1) },
    { name: 'gif of 100000 frames', bytes: gif(1, 1, 100_000) },
    { name: 'tiff whose directories go round', bytes: await roundTiff() },
    { name: 'tiff of 40000x40000', bytes: hugeTiff(40_000) },
    { name: 'svg of 100000x100000', bytes: svg('', 100_000) },
    { name: 'svg of a billion laughs', bytes: laughs() },
    { name: 'svg that uses itself', bytes: svg('<g id="a"><use href="#a"/><use href="#a"/></g>', 100) },
    { name: 'svg nested 20000 deep', bytes: svg(`${'<g>'.repeat(20_000)}${'</g>'.repeat(20_000)}`, 100) },
    { name: 'pdf whose page is 14400x14400', bytes: page('0 0 14400 14400') },
    { name: 'pdf whose page is endless', bytes: page('0 0 99999999 99999999') },
    { name: 'pdf whose page tree goes round', bytes: roundPdf() },
    { name: 'pdf of a million pages', bytes: millionPages() },
  ];
}

/** What keeps a decoder busy for seconds, within its limits or up to them. */
export async function slowBombs(): Promise<Bomb[]> {
  return [
    { name: 'png of 7071x7071, 16 bit', bytes: await flat(7_071).toColourspace('rgb16').png().toBuffer() },
    { name: 'avif of 7071x7071', bytes: await flat(7_071).avif({ effort: 0 }).toBuffer() },
    { name: 'webp of 7071x7071', bytes: await flat(7_071).webp({ effort: 0 }).toBuffer() },
    { name: 'jpeg of 7000x7000 in 600 scans', bytes: await manyScans(7_000, 600) },
    { name: 'gif of 1000 frames of 2000x2000', bytes: gif(2_000, 2_000, 1_000) },
    { name: 'svg blurred beyond measure', bytes: blurred() },
    { name: 'svg of a billion squares', bytes: manyUses(9) },
    { name: 'pdf of 10^9 forms', bytes: manyForms(9) },
    { name: 'pdf whose stream grows 1000 times twice', bytes: twiceDeflated() },
    { name: 'pdf with a picture of 30000x30000', bytes: pictureInPdf(30_000) },
  ];
}

function flat(side: number): Sharp {
  return sharp({ create: { width: side, height: side, channels: 3, background: '#123456' } });
}

/** `name`: four letters. */
export function pngChunk(name: string, content: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(name, 'latin1'), content]);
  const chunk = Buffer.alloc(named.length + 8);
  chunk.writeUInt32BE(content.length, 0);
  named.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(named), named.length + 4);
  return chunk;
}

/** Of 1 bit a pixel. */
function png({ width, height }: { width: number; height: number }, chunks: readonly Buffer[]): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.writeUInt8(1, 8);
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  return Buffer.concat([signature, pngChunk('IHDR', header), ...chunks, pngChunk('IEND', Buffer.alloc(0))]);
}

function flatRows(bytes: number): Buffer {
  return pngChunk('IDAT', deflateSync(Buffer.alloc(bytes)));
}

function textOf(megabytes: number): Buffer {
  return pngChunk('zTXt', Buffer.concat([Buffer.from('Comment\0\0', 'latin1'), zeros(megabytes)]));
}

function profileOf(megabytes: number): Buffer {
  return pngChunk('iCCP', Buffer.concat([Buffer.from('profile\0\0', 'latin1'), zeros(megabytes)]));
}

function zeros(megabytes: number): Buffer {
  return deflateSync(Buffer.alloc(megabytes * 1024 ** 2), { level: 1 });
}

/** Each frame says that it covers the screen and has the code that ends it at once. */
function gif(width: number, height: number, frames: number): Buffer {
  const screen = Buffer.from('GIF89a\0\0\0\0\x80\0\0\0\0\0\xff\xff\xff', 'latin1');
  screen.writeUInt16LE(width, 6);
  screen.writeUInt16LE(height, 8);
  const frame = Buffer.from(',\0\0\0\0\0\0\0\0\0\x02\x02\x44\x01\0', 'latin1');
  frame.writeUInt16LE(width, 5);
  frame.writeUInt16LE(height, 7);
  return Buffer.concat([screen, ...Array.from({ length: frames }, () => frame), Buffer.from(';')]);
}

async function roundTiff(): Promise<Buffer> {
  const pixel = await sharp({ create: { width: 9, height: 9, channels: 3, background: '#fff' } })
    .png()
    .toBuffer();
  const tiff = await tiffOf([pixel, pixel]);
  const second = tiff.readUInt32LE(8 + 2 + 9 * 12);
  tiff.writeUInt32LE(8, second + 2 + 9 * 12);
  return tiff;
}

/** One strip, of which there is next to nothing. */
function hugeTiff(side: number): Buffer {
  const entries = [
    [256, side],
    [257, side],
    [258, 8],
    [259, 1],
    [262, 1],
    [273, 8],
    [277, 1],
    [278, side],
    [279, side * side],
  ] as const;
  const directory = Buffer.alloc(8 + 2 + entries.length * 12 + 4);
  directory.write('II*\0\x08', 'latin1');
  directory.writeUInt16LE(entries.length, 8);
  for (const [index, [tag, value]] of entries.entries()) {
    const at = 10 + index * 12;
    directory.writeUInt16LE(tag, at);
    directory.writeUInt16LE(4, at + 2);
    directory.writeUInt32LE(1, at + 4);
    directory.writeUInt32LE(value, at + 8);
  }
  return directory;
}

function svg(content: string, side: number, before = ''): Buffer {
  return Buffer.from(`${before}<svg xmlns="http://www.w3.org/2000/svg" width="${side}" height="${side}">${content}</svg>`);
}

function laughs(): Buffer {
  const entities = Array.from({ length: 10 }, (_, at) => `<!ENTITY l${at + 1} "${`&l${at};`.repeat(10)}">`).join('');
  return svg('<text y="20">&l10;</text>', 100, `<!DOCTYPE svg [<!ENTITY l0 "ha">${entities}]>`);
}

function blurred(): Buffer {
  const filters = '<feGaussianBlur stdDeviation="2000"/><feMorphology operator="dilate" radius="900"/>'.repeat(20);
  const filter = `<filter id="f" x="-10" y="-10" width="21" height="21">${filters}</filter>`;
  return svg(`${filter}<rect width="7000" height="7000" filter="url(#f)"/>`, 7_000);
}

/** Each level shows the one before ten times. */
function manyUses(levels: number): Buffer {
  const groups = Array.from({ length: levels }, (_, at) => `<g id="g${at + 1}">${`<use href="#g${at}"/>`.repeat(10)}</g>`);
  return svg(`<defs><rect id="g0" width="9" height="9"/>${groups.join('')}</defs><use href="#g${levels}"/>`, 100);
}

/** A progressive JPEG whose last scan is there again and again: each is a walk over all of its blocks. */
async function manyScans(side: number, scans: number): Promise<Buffer> {
  const bytes = await flat(side).jpeg({ progressive: true }).toBuffer();
  const last = bytes.lastIndexOf(Buffer.from([0xff, 0xda]));
  const scan = bytes.subarray(last, bytes.length - 2);
  return Buffer.concat([bytes.subarray(0, last), ...Array.from({ length: scans }, () => scan), bytes.subarray(-2)]);
}

function page(box: string): Buffer {
  const content = stream('', Buffer.from('0 0 9 9 re f'));
  return writeObjects([
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    `<< /Type /Page /Parent 2 0 R /MediaBox [${box}] /Contents 4 0 R >>`,
    content,
  ]);
}

function roundPdf(): Buffer {
  return writeObjects(['<< /Type /Catalog /Pages 2 0 R >>', '<< /Type /Pages /Parent 2 0 R /Kids [2 0 R 2 0 R] /Count 9 >>']);
}

/** Each of six levels names the one below ten times. */
function millionPages(): Buffer {
  const levels = Array.from({ length: 6 }, (_, at) => {
    const kids = `${at + 3} 0 R `.repeat(10);
    return `<< /Type /Pages /Kids [${kids}] /Count ${10 ** (6 - at)} >>`;
  });
  return writeObjects(['<< /Type /Catalog /Pages 2 0 R >>', ...levels, '<< /Type /Page /Parent 7 0 R /MediaBox [0 0 9 9] >>']);
}

function twiceDeflated(): Buffer {
  const once = deflateSync(Buffer.alloc(512 * 1024 ** 2, ' '), { level: 9 });
  const pages = onePage('0 0 9 9 re f');
  const at = pages.indexOf('4 0 obj');
  const content = stream('/Filter [/FlateDecode /FlateDecode]', deflateSync(once));
  // The table of objects is wrong then, and PDFium looks for them itself.
  return Buffer.concat([
    pages.subarray(0, at),
    Buffer.from('4 0 obj\n'),
    content,
    Buffer.from('\nendobj\ntrailer\n<< /Root 1 0 R >>'),
  ]);
}

/** 1 bit a pixel: 112 MB of them, in 110 kB. */
function pictureInPdf(side: number): Buffer {
  const entries = `/Type /XObject /Subtype /Image /Width ${side} /Height ${side} /ColorSpace /DeviceGray /BitsPerComponent 1 /Filter /FlateDecode`;
  const picture = stream(entries, deflateSync(Buffer.alloc((side / 8) * side)));
  return onePage('200 0 0 200 0 0 cm /P Do', '/XObject << /P 5 0 R >>', [picture]);
}
