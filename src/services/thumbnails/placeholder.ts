import { crc32, deflateSync } from 'node:zlib';
import type { Pixels } from '../../media/sharp.ts';

/** A part of a picture in its pixels; what sticks out of the picture counts as transparent. */
export interface Region {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Pixels on the longer side of a placeholder. */
export const placeholderSide = 8;

/** Samples that a pixel of the placeholder is the mean of, in each direction: enough for what is blurred anyway. */
const samples = 4;

/**
 * A tiny blurred PNG of a region as a `data:` URI of about 300 characters, to be shown until the thumbnail is there. Made
 * here rather than by sharp: for so few pixels, starting an encoder costs a third of the whole thumbnail.
 */
export function placeholder(pixels: Pixels, region: Region, background: 'white' | 'transparent'): string {
  const longest = Math.max(region.width, region.height);
  const width = Math.max(1, Math.round((placeholderSide * region.width) / longest));
  const height = Math.max(1, Math.round((placeholderSide * region.height) / longest));
  const colours = Array.from({ length: width * height }, (_, at) => {
    const colour = meanColour(pixels, {
      left: region.left + ((at % width) * region.width) / width,
      top: region.top + (Math.floor(at / width) * region.height) / height,
      width: region.width / width,
      height: region.height / height,
    });
    return background === 'white' ? onWhite(colour) : colour;
  });
  const png = encodePng(width, height, colours);
  return `data:image/png;base64,${png.toString('base64')}`;
}

type Colour = readonly [red: number, green: number, blue: number, alpha: number];

/** The mean of samples that are spread evenly over a cell, weighted by their opacity. */
function meanColour(pixels: Pixels, cell: Region): Colour {
  const sum: [number, number, number, number] = [0, 0, 0, 0];
  for (let sample = 0; sample < samples * samples; sample += 1) {
    const x = Math.floor(cell.left + (((sample % samples) + 0.5) * cell.width) / samples);
    const y = Math.floor(cell.top + ((Math.floor(sample / samples) + 0.5) * cell.height) / samples);
    const [red, green, blue, alpha] = colourAt(pixels, x, y);
    sum[0] += red * alpha;
    sum[1] += green * alpha;
    sum[2] += blue * alpha;
    sum[3] += alpha;
  }
  const [red, green, blue, alpha] = sum;
  if (alpha === 0) return [0, 0, 0, 0];
  return [red / alpha, green / alpha, blue / alpha, alpha / (samples * samples)];
}

function onWhite([red, green, blue, alpha]: Colour): Colour {
  const mix = (value: number) => 255 + ((value - 255) * alpha) / 255;
  return [mix(red), mix(green), mix(blue), 255];
}

function colourAt({ data, width, height, channels }: Pixels, x: number, y: number): Colour {
  if (x < 0 || y < 0 || x >= width || y >= height) return [0, 0, 0, 0];
  const at = (y * width + x) * channels;
  const value = (channel: number) => data[at + channel] ?? 0;
  const grey = channels < 3;
  const alpha = channels % 2 === 0 ? value(channels - 1) : 255;
  return grey ? [value(0), value(0), value(0), alpha] : [value(0), value(1), value(2), alpha];
}

/** PNG (ISO/IEC 15948) with 8 bits a channel, without filters; with an alpha channel only where something is see-through. */
function encodePng(width: number, height: number, colours: readonly Colour[]): Buffer {
  const channels = colours.every(([, , , alpha]) => alpha === 255) ? 3 : 4;
  const rows = Buffer.alloc(height * (1 + width * channels));
  for (const [at, colour] of colours.entries()) {
    const start = Math.floor(at / width) * (1 + width * channels) + 1 + (at % width) * channels;
    for (let channel = 0; channel < channels; channel += 1) rows[start + channel] = Math.round(colour[channel] ?? 0);
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, channels === 3 ? 2 : 6, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}

function chunk(type: string, content: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(content.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}
