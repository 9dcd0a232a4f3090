import type { QuarterTurn } from './ocr-engine.ts';
import { fromPixels, type Pixels } from './sharp.ts';

// What is done to the pixels of a page before they are read again.

/** Turned clockwise. */
export function turn(pixels: Pixels, degrees: QuarterTurn): Promise<Pixels> {
  return degrees === 0 ? Promise.resolve(pixels) : done(fromPixels(pixels).rotate(degrees));
}

/** Turned clockwise by a few degrees on white paper, which grows as needed. */
export function straighten(pixels: Pixels, degrees: number): Promise<Pixels> {
  return done(fromPixels(pixels).rotate(degrees, { background: '#fff' }));
}

export function enlarge(pixels: Pixels, factor: number): Promise<Pixels> {
  const width = Math.round(pixels.width * factor);
  return done(fromPixels(pixels).resize(width, Math.round(pixels.height * factor), { fit: 'fill', kernel: 'cubic' }));
}

export function toGrey(pixels: Pixels): Promise<Pixels> {
  return pixels.channels === 1 ? Promise.resolve(pixels) : done(fromPixels(pixels).toColourspace('b-w'));
}

const medianSide = 3;

/** Takes away single dots. */
export function withoutSpecks(pixels: Pixels): Promise<Pixels> {
  // There is no median where the window does not fit in.
  if (pixels.width < medianSide || pixels.height < medianSide) return Promise.resolve(pixels);
  return done(fromPixels(pixels).median(medianSide));
}

/** Softens grain and stretches what is left from black to white. */
export function withoutGrain(pixels: Pixels): Promise<Pixels> {
  return done(fromPixels(pixels).blur(1).normalise({ lower: 2, upper: 98 }));
}

async function done(picture: ReturnType<typeof fromPixels>): Promise<Pixels> {
  const { data, info } = await picture.raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height, channels: info.channels };
}

export function toJpeg(pixels: Pixels): Promise<Buffer> {
  return fromPixels(pixels).jpeg({ quality: 88, chromaSubsampling: '4:4:4' }).toBuffer();
}
