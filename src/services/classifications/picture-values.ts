import { luminance } from '../../media/luminance.ts';
import type { Picture, PictureFacts, Pixels } from '../../media/sharp.ts';
import type { PictureInput } from './model-description.ts';

/** Room for the values of one picture. Used again for each: so much memory, thrown away a hundred times a second, keeps the garbage collector busy. */
export function valuesRoom({ width, height, mean }: PictureInput): Float32Array {
  return new Float32Array(mean.length * width * height);
}

/** The picture as a model wants it, in the room: scaled while it is decoded, cut in the middle, one float for each value. */
export async function pictureValues(picture: Picture, input: PictureInput, room = valuesRoom(input)): Promise<Float32Array> {
  const { width, height } = scaledSize(picture.facts, input);
  fill(room, await picture.decode(width, height, 'linear'), input);
  return room;
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

/**
 * One pass for each channel that is wanted, and no decision within it: this loop runs 150,000 times a picture. See-through pixels are
 * seen on white.
 */
function fill(values: Float32Array, decoded: Pixels, { width, height, layout, mean, scale }: PictureInput): void {
  const pixels = asWanted(decoded, mean.length);
  const { data, channels } = pixels;
  const left = middle(pixels.width - width);
  const top = middle(pixels.height - height);
  const wanted = mean.length;
  const [begin, step] = layout === 'NCHW' ? [width * height, 1] : [1, wanted];
  for (let channel = 0; channel < wanted; channel++) {
    const table = tableOf(mean[channel] ?? 0, scale[channel] ?? 1);
    let to = channel * begin;
    for (let y = 0; y < height; y++) {
      let from = ((y + top) * pixels.width + left) * channels + (channels === 1 ? 0 : channel);
      for (let x = 0; x < width; x++, from += channels, to += step) values[to] = table[data[from] ?? 0] ?? 0;
    }
  }
}

/** Without transparency, and grey where the model wants grey; one channel stands for three. */
function asWanted(pixels: Pixels, wanted: number): Pixels {
  const opaque = pixels.channels % 2 === 0 ? onWhite(pixels) : pixels;
  return wanted === 1 && opaque.channels === 3 ? inGrey(opaque) : opaque;
}

function onWhite({ data, width, height, channels }: Pixels): Pixels {
  const colours = channels === 4 ? 3 : 1;
  const opaque = Buffer.alloc(width * height * colours);
  for (let from = 0, to = 0; to < opaque.length; from += channels) {
    const alpha = data[from + colours] ?? 255;
    for (let colour = 0; colour < colours; colour++)
      opaque[to++] = Math.round(((data[from + colour] ?? 0) * alpha + 255 * (255 - alpha)) / 255);
  }
  return { data: opaque, width, height, channels: colours };
}

function inGrey({ data, width, height }: Pixels): Pixels {
  const grey = Buffer.alloc(width * height);
  for (let from = 0, to = 0; to < grey.length; from += 3, to++) grey[to] = Math.round(luminance(data, from));
  return { data: grey, width, height, channels: 1 };
}

function tableOf(mean: number, scale: number): Float32Array {
  return new Float32Array(256).map((_, value) => (value - mean) / scale);
}
