import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { temporaryFolder } from '../../test/support/program.ts';
import { readBitmap } from './bmp.ts';

const temporary = await temporaryFolder();
afterAll(() => temporary.remove());

interface Made {
  readonly bits: number;
  readonly data: Buffer;
  readonly width?: number;
  readonly height?: number;
  readonly compression?: number;
  /** After the header: masks or colours. */
  readonly extra?: Buffer;
}

function bitmap({ bits, data, width = 2, height = 2, compression = 0, extra = Buffer.alloc(0) }: Made): Buffer {
  const header = Buffer.alloc(54);
  header.write('BM');
  header.writeUInt32LE(54 + extra.length, 10);
  header.writeUInt32LE(40, 14);
  header.writeInt32LE(width, 18);
  header.writeInt32LE(height, 22);
  header.writeUInt16LE(1, 26);
  header.writeUInt16LE(bits, 28);
  header.writeUInt32LE(compression, 30);
  header.writeInt32LE(11_811, 38);
  return Buffer.concat([header, extra, data]);
}

const palette = Buffer.from([0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 0, 255, 255, 255, 0]);
const [red, green, blue, white] = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
  [255, 255, 255],
] as const;
/** All of them show red and green above blue and white; rows lie bottom up. */
const wanted = [...red, ...green, ...blue, ...white];
const fields = (...masks: number[]) => Buffer.from(Uint32Array.from(masks).buffer);

const bitmaps: readonly (readonly [string, Made])[] = [
  ['24 bits', { bits: 24, data: Buffer.from([255, 0, 0, 255, 255, 255, 0, 0, 0, 0, 255, 0, 255, 0, 0, 0]) }],
  ['top down', { bits: 24, height: -2, data: Buffer.from([0, 0, 255, 0, 255, 0, 0, 0, 255, 0, 0, 255, 255, 255, 0, 0]) }],
  ['8 bits', { bits: 8, extra: palette, data: Buffer.from([2, 3, 0, 0, 0, 1, 0, 0]) }],
  ['4 bits', { bits: 4, extra: palette, data: Buffer.from([0x23, 0, 0, 0, 0x01, 0, 0, 0]) }],
  ['16 bits', { bits: 16, data: Buffer.from(Uint16Array.from([0x1f, 0x7fff, 0x7c00, 0x3e0]).buffer) }],
  [
    '16 bits with fields',
    {
      bits: 16,
      compression: 3,
      extra: fields(0xf800, 0x7e0, 0x1f),
      data: Buffer.from(Uint16Array.from([0x1f, 0xffff, 0xf800, 0x7e0]).buffer),
    },
  ],
  ['32 bits', { bits: 32, data: fields(0xff, 0xffffff, 0xff0000, 0xff00) }],
  ['runs of 8 bits', { bits: 8, compression: 1, extra: palette, data: Buffer.from([1, 2, 1, 3, 0, 0, 1, 0, 1, 1, 0, 1]) }],
  ['runs of 4 bits', { bits: 4, compression: 2, extra: palette, data: Buffer.from([2, 0x23, 0, 0, 2, 0x01, 0, 1]) }],
];

async function read(bytes: Buffer) {
  const path = join(temporary.path, 'picture.bmp');
  await writeFile(path, bytes);
  return readBitmap(path);
}

test.each(bitmaps)('a bitmap of %s is read', async (_what, made) => {
  const { pixels, dpi, width, height } = await read(bitmap(made));
  expect([width, height, Math.round(dpi ?? 0)]).toEqual([2, 2, 300]);
  expect([...pixels.data]).toEqual(wanted);
});

test('one bit a pixel is read', async () => {
  const black = Buffer.from([0, 0, 0, 0, 255, 255, 255, 0]);
  const { pixels } = await read(bitmap({ bits: 1, width: 3, height: 1, extra: black, data: Buffer.from([0b10100000, 0, 0, 0]) }));
  expect([...pixels.data]).toEqual([...white, 0, 0, 0, ...white]);
});

test.each([
  ['cut off', bitmap({ bits: 24, data: Buffer.alloc(5) }), 'unprocessable-media'],
  ['without a size', bitmap({ bits: 24, width: 0, data: Buffer.alloc(16) }), 'unprocessable-media'],
  ['of endless runs', bitmap({ bits: 8, compression: 1, data: Buffer.from([9, 9]) }), 'unprocessable-media'],
  [
    'of 50 million pixels and more',
    bitmap({ bits: 1, width: 60_000, height: 60_000, data: Buffer.alloc(9) }),
    'media-limits-exceeded',
  ],
  ['with a JPEG in it', bitmap({ bits: 24, compression: 4, data: Buffer.alloc(16) }), 'unsupported-media-type'],
  ['that is no bitmap', Buffer.from('BM but nothing else that would do'), 'unprocessable-media'],
])('one %s is refused', async (_what, bytes, code) => {
  await expect(read(bytes)).rejects.toMatchObject({ code });
});
