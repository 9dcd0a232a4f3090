/** Small files that claim to be, or become, large ones. */
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { pngChunk } from './bombs.ts';
import { onePixelPng } from './pictures.ts';

/** A PNG whose header says the size; there are no such pixels behind it. */
export function pngOfSize(width: number, height: number): Buffer {
  const picture = Buffer.from(onePixelPng);
  picture.writeUInt32BE(width, 16);
  picture.writeUInt32BE(height, 20);
  picture.writeUInt32BE(crc32(picture.subarray(12, 29)), 29);
  return picture;
}

export async function jpegOfSize(width: number, height: number): Promise<Buffer> {
  const picture = await plain().jpeg().toBuffer();
  const frame = picture.indexOf(Buffer.from([0xff, 0xc0]));
  picture.writeUInt16BE(height, frame + 5);
  picture.writeUInt16BE(width, frame + 7);
  return picture;
}

export async function avifOfSize(width: number, height: number): Promise<Buffer> {
  const picture = await plain().avif().toBuffer();
  const extents = picture.indexOf('ispe');
  picture.writeUInt32BE(width, extents + 8);
  picture.writeUInt32BE(height, extents + 12);
  return picture;
}

function plain() {
  return sharp({ create: { width: 8, height: 8, channels: 3, background: '#888' } });
}

/** A GIF of one pixel and many frames, 15 bytes each. */
export function gifOfFrames(frames: number): Buffer {
  const frame = Buffer.from([0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0]);
  return Buffer.concat([
    Buffer.from('GIF89a\x01\0\x01\0\0\0\0', 'latin1'),
    ...Array.from({ length: frames }, () => frame),
    Buffer.from(';'),
  ]);
}

/** An APNG that declares a number of frames and has the controls of another. */
export function apngOfFrames(declared: number, there: number): Buffer {
  const header = onePixelPng.subarray(0, 33);
  const rest = onePixelPng.subarray(33);
  const animation = Buffer.alloc(8);
  animation.writeUInt32BE(declared, 0);
  const controls = Array.from({ length: there }, (_, at) => {
    const control = Buffer.alloc(26);
    control.writeUInt32BE(at, 0);
    control.writeUInt32BE(1, 4);
    control.writeUInt32BE(1, 8);
    return pngChunk('fcTL', control);
  });
  return Buffer.concat([header, pngChunk('acTL', animation), ...controls, rest]);
}

/** One bit a pixel, all of them white, deflated: a picture inside a PDF. */
export function whitePixels(side: number): Buffer {
  return deflateSync(Buffer.alloc((side / 8) * side, 0xff));
}
