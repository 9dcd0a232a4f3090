import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { pictureMeter } from './picture-meter.ts';

function measure(bytes: Buffer, chunkBytes = bytes.length) {
  const meter = pictureMeter('image/jpeg');
  for (let at = 0; at < bytes.length; at += chunkBytes) meter?.write(bytes.subarray(at, at + chunkBytes));
  return meter?.end() ?? null;
}

const plain = () => sharp({ create: { width: 30, height: 20, channels: 3, background: '#aa0' } }).jpeg();

/** A JPEG whose first segments are these APP1 contents. */
async function withApp1(...contents: Buffer[]): Promise<Buffer> {
  const whole = await plain().toBuffer();
  const segments = contents.flatMap((content) => {
    const head = Buffer.from([0xff, 0xe1, 0, 0]);
    head.writeUInt16BE(content.length + 2, 2);
    return [head, content];
  });
  return Buffer.concat([whole.subarray(0, 2), ...segments, whole.subarray(2)]);
}

interface Tag {
  tag?: number;
  type?: number;
  count?: number;
  value: number;
}

/** EXIF data whose first directory begins `gap` bytes later than it could. */
function exif(order: 'II' | 'MM', tags: readonly Tag[], { gap = 0, entries = tags.length } = {}): Buffer {
  const content = Buffer.alloc(16 + gap + 12 * tags.length + 4);
  const short = (value: number, at: number) =>
    order === 'II' ? content.writeUInt16LE(value, at) : content.writeUInt16BE(value, at);
  const long = (value: number, at: number) =>
    order === 'II' ? content.writeUInt32LE(value, at) : content.writeUInt32BE(value, at);
  content.write(`Exif\0\0${order}`, 'latin1');
  short(42, 8);
  long(8 + gap, 10);
  short(entries, 14 + gap);
  for (const [number, { tag = 0x112, type = 3, count = 1, value }] of tags.entries()) {
    const at = 16 + gap + 12 * number;
    short(tag, at);
    short(type, at + 2);
    long(count, at + 4);
    short(value, at + 8);
  }
  return content;
}

test.each([1, 2, 3, 4, 5, 6, 7, 8])('orientation %d is found, and the sides are those that are stored', async (orientation) => {
  const written = await plain().withMetadata({ orientation }).toBuffer();
  for (const chunkBytes of [1, 7, 10_000])
    expect(measure(written, chunkBytes)).toEqual({ width: 30, height: 20, frames: 1, orientation });
});

describe('the orientation is', () => {
  const width = { tag: 0x100, value: 30 };
  const xmp = Buffer.from('http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x="adobe:ns:meta/"/>');
  const six = exif('MM', [{ value: 6 }]);
  test.each([
    ['1 without EXIF data', 1, []],
    ['1 beside XMP alone', 1, [xmp]],
    ['1 where the EXIF data has none', 1, [exif('II', [width])]],
    ['read in both byte orders', 6, [exif('II', [width, { value: 6 }])]],
    ['read behind XMP', 6, [xmp, six]],
    ['read where the directory begins late', 8, [exif('MM', [width, { value: 8 }], { gap: 33 })]],
    ['unknown where two segments tell one', null, [six, exif('II', [{ value: 3 }])]],
    ['unknown where it is told twice', null, [exif('II', [{ value: 6 }, { value: 3 }])]],
    ['unknown where it is no orientation', null, [exif('II', [{ value: 9 }])]],
    ['unknown where its type is another', null, [exif('II', [{ type: 4, value: 6 }])]],
    ['unknown where its count is another', null, [exif('II', [{ count: 2, value: 6 }])]],
    ['unknown where the directory is cut off', null, [exif('II', [{ value: 6 }], { entries: 9 })]],
    ['unknown where the byte order is none', null, [Buffer.from('Exif\0\0XX*\0\0\0\0\b\0\0\0\0', 'latin1')]],
    ['unknown where the segment is too short', null, [Buffer.from('Exif\0\0II', 'latin1')]],
  ])('%s', async (_what, orientation, segments) => {
    const bytes = await withApp1(...segments);
    expect(measure(bytes, 5)).toEqual({ width: 30, height: 20, frames: 1, orientation });
    if (orientation !== null) expect((await sharp(bytes).metadata()).orientation ?? 1).toBe(orientation);
  });

  test('found behind the start of frame, too', async () => {
    const bytes = await plain().toBuffer();
    const scan = bytes.indexOf(Buffer.from([0xff, 0xda]));
    const late = Buffer.concat([
      bytes.subarray(0, scan),
      Buffer.from([0xff, 0xe1, 0, six.length + 2]),
      six,
      bytes.subarray(scan),
    ]);
    expect(measure(late)).toMatchObject({ orientation: 6 });
    expect((await sharp(late).metadata()).orientation).toBe(6);
    expect(measure(late.subarray(0, scan + 10))).toEqual({ width: 30, height: 20, frames: 1, orientation: null });
  });
});

const corpus = fileURLToPath(new URL('../../../../shared/corpora/images/', import.meta.url));

test.skipIf(!existsSync(corpus))('of real pictures it is what the decoder finds', async () => {
  const names = readdirSync(corpus).filter((name) => /\.jpe?g$/i.test(name));
  let known = 0;
  for (const name of names) {
    const bytes = readFileSync(corpus + name);
    const found = measure(bytes);
    const decoded = await sharp(bytes)
      .metadata()
      .catch(() => null);
    if (found === null || found.orientation === null || decoded?.format !== 'jpeg') continue;
    known += 1;
    const { width, height, orientation = 1 } = decoded;
    expect(found, name).toEqual({ width, height, frames: 1, orientation });
  }
  expect(known).toBeGreaterThan(names.length / 2);
});
