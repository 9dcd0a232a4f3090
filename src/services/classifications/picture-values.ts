import type { Picture, PictureFacts, Pixels } from '../../media/sharp.ts';
import type { PictureInput } from './model-description.ts';

/** The picture as a model wants it: scaled while it is decoded, cut in the middle, one float for each value. */
export async function pictureValues(picture: Picture, input: PictureInput): Promise<Float32Array> {
  const { width, height } = scaledSize(picture.facts, input);
  return floatsOf(await picture.decode(width, height, 'linear'), input);
}

/**
 * The size at which the middle of the picture has the size of the input. Rounded down, and cut as `middle` says, as torchvision
 * does: half a pixel aside a network may see something else.
 */
export function scaledSize({ width, height }: Pick<PictureFacts, 'width' | 'height'>, input: PictureInput) {
  if (input.fit === 'stretch')
    return { width: Math.round(input.width / input.crop), height: Math.round(input.height / input.crop) };
  const scale = Math.max(Math.round(input.width / input.crop) / width, Math.round(input.height / input.crop) / height);
  // A very long picture is not scaled further than it must be to be cut from.
  const longest = 16 * Math.max(input.width, input.height);
  return {
    width: Math.min(longest, Math.max(input.width, Math.floor(width * scale + tiny))),
    height: Math.min(longest, Math.max(input.height, Math.floor(height * scale + tiny))),
  };
}

/** What rounding may have taken off a whole number. */
const tiny = 1e-6;

/** Half of it; between two numbers the even one. */
function middle(room: number): number {
  const half = room / 2;
  return Number.isInteger(half) ? half : 2 * Math.round(half / 2);
}

/** See-through pixels are seen on white. */
function floatsOf(pixels: Pixels, { width, height, layout, mean, scale }: PictureInput): Float32Array {
  const { data, channels } = pixels;
  const left = middle(pixels.width - width);
  const top = middle(pixels.height - height);
  const wanted = mean.length;
  const values = new Float32Array(wanted * width * height);
  const [colours, hasAlpha] = [channels >= 3 ? 3 : 1, channels % 2 === 0];
  const plane = width * height;
  const tables = Array.from({ length: wanted }, (_, channel) => tableOf(mean[channel] ?? 0, scale[channel] ?? 1));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = ((y + top) * pixels.width + x + left) * channels;
      const alpha = hasAlpha ? (data[from + channels - 1] ?? 255) : 255;
      const place = y * width + x;
      for (let channel = 0; channel < wanted; channel++) {
        const plain = wanted === 1 && colours === 3 ? grey(data, from) : (data[from + (colours === 3 ? channel : 0)] ?? 0);
        const value = alpha === 255 ? plain : Math.round((plain * alpha + 255 * (255 - alpha)) / 255);
        values[layout === 'NCHW' ? channel * plane + place : place * wanted + channel] = tables[channel]?.[value] ?? 0;
      }
    }
  }
  return values;
}

function tableOf(mean: number, scale: number): Float32Array {
  return Float32Array.from({ length: 256 }, (_, value) => (value - mean) / scale);
}

/** ITU-R BT.601. */
function grey(data: Buffer, from: number): number {
  return Math.round(0.299 * (data[from] ?? 0) + 0.587 * (data[from + 1] ?? 0) + 0.114 * (data[from + 2] ?? 0));
}
