import { join } from 'node:path';
import type { Box, OcrEngine, OcrPicture, OcrRequest, QuarterTurn } from '../../media/ocr-engine.ts';
import { UnreadablePicture } from '../../media/ocr-engine.ts';
import { enlarge, straighten, toGrey, turn, withoutGrain, withoutSpecks } from '../../media/page-pixels.ts';
import { writePnm } from '../../media/pnm.ts';
import type { Pixels } from '../../media/sharp.ts';
import { shrink } from '../../media/sharp.ts';
import { measureSkew } from '../../media/skew.ts';
import type { PageImage } from './page-image.ts';
import { isLying, mapLines, type Reading, readingOf, shrinking, turningBack, within, worth } from './reading.ts';

/** From here on a page is taken as it was read first. */
const goodConfidence = 0.86;
/** Below this a page may be the wrong way up: upside down, letters give nonsense of about 0.4. */
const uprightConfidence = 0.65;
/** Smaller tilts do no harm to the engines. */
const skewDegreesMin = 0.3;
/** Letters lower than this are enlarged; higher ones gain nothing. */
const lineHeightMin = 26;
const enlargedPixelsMax = 20_000_000;
/** Another reading must be this much better to be taken: below, it is chance. */
const gainMin = 1.03;
/** Which way up a page is can be told from a smaller one. */
const turnSideMax = 1_600;
/** Ink differs from paper: less spread than this is an empty page. */
const blankDeviation = 2;

export interface PageReader {
  readonly engine: OcrEngine;
  readonly languages: readonly string[];
  /** For pictures on their way to the engine. */
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly rotate: boolean;
  readonly deskew: boolean;
}

export interface ReadPage extends Reading {
  readonly rotation: QuarterTurn;
  /** Of the page after it was turned. */
  readonly width: number;
  readonly height: number;
}

/**
 * Reads a page as it is, and only where that went badly looks for the reason: the wrong way up, askew, too small, noisy. The
 * best reading is kept, its boxes in pixels of the upright page. So a page that can be read costs no more than with the bare engine.
 */
export async function readPage(image: PageImage, reader: PageReader): Promise<ReadPage> {
  const attempt = new Attempts(image, reader);
  let best = await attempt.first();
  if (isGood(best) || (await isBlank(image))) return attempt.page(best, 0);
  let rotation: QuarterTurn = 0;
  if (reader.rotate && mayBeTurned(best)) {
    const turned = await attempt.turned(best);
    rotation = turned.rotation;
    best = turned.reading;
  }
  if (reader.deskew && !isGood(best)) best = await attempt.straightened(best, rotation);
  if (!isGood(best)) best = await attempt.cleaned(best, rotation);
  return attempt.page(best, rotation);
}

function isGood(reading: Reading): boolean {
  return (reading.confidence ?? 0) >= goodConfidence && !isLying(reading.lines);
}

function mayBeTurned(reading: Reading): boolean {
  return (reading.confidence ?? 0) < uprightConfidence || isLying(reading.lines);
}

async function isBlank(image: PageImage): Promise<boolean> {
  const { data } = await toGrey(await image.small());
  let sum = 0;
  let squares = 0;
  for (const value of data) {
    sum += value;
    squares += value * value;
  }
  const mean = sum / data.length;
  return Math.sqrt(Math.max(0, squares / data.length - mean * mean)) < blankDeviation;
}

function better(old: Reading, fresh: Reading): Reading {
  return worth(fresh) > Math.max(worth(old), 0) * gainMin ? fresh : old;
}

class Attempts {
  readonly #image: PageImage;
  readonly #reader: PageReader;
  readonly #request: OcrRequest;

  constructor(image: PageImage, reader: PageReader) {
    this.#image = image;
    this.#reader = reader;
    this.#request = { languages: reader.languages, signal: reader.signal };
  }

  page(reading: Reading, rotation: QuarterTurn): ReadPage {
    const { width, height } = this.#image;
    const size = rotation % 180 === 0 ? { width, height } : { width: height, height: width };
    return { ...readingOf(mapLines(reading.lines, within(size))), rotation, ...size };
  }

  /** The file as it is; where the engine does not take it, its pixels. */
  async first(): Promise<Reading> {
    const { file } = this.#image;
    if (file !== null) {
      try {
        return readingOf(await this.#reader.engine.recognize(file, this.#request));
      } catch (error) {
        if (!(error instanceof UnreadablePicture)) throw error;
      }
    }
    return this.#read(await this.#image.pixels());
  }

  /** Tries the way that the engine says, or else all four, and gives the one that reads best. */
  async turned(upright: Reading): Promise<{ reading: Reading; rotation: QuarterTurn }> {
    const rotation = await this.#orientation(upright);
    if (rotation === 0) return { reading: upright, rotation };
    const fresh = await this.#read(await turn(await this.#image.pixels(), rotation));
    const reading = better(upright, fresh);
    return { reading, rotation: reading === fresh ? rotation : 0 };
  }

  async #orientation(upright: Reading): Promise<QuarterTurn> {
    const { engine, signal } = this.#reader;
    const pixels = await this.#image.pixels();
    const told = await engine.orientation(this.#image.file ?? (await this.#write(pixels)), signal);
    if (told !== null) return told;
    const factor = Math.min(1, turnSideMax / Math.max(pixels.width, pixels.height));
    const small =
      factor < 1 ? await shrink(pixels, Math.round(pixels.width * factor), Math.round(pixels.height * factor)) : pixels;
    let best: { degrees: QuarterTurn; worth: number } = { degrees: 0, worth: Math.max(worth(upright), 0) * gainMin };
    for (const degrees of [180, 90, 270] as const) {
      const reading = await this.#read(await turn(small, degrees), factor);
      if (worth(reading) > best.worth) best = { degrees, worth: worth(reading) };
    }
    return best.degrees;
  }

  /** Measures by how much the page is askew and reads it straight. */
  async straightened(best: Reading, rotation: QuarterTurn): Promise<Reading> {
    const small = await toGrey(await turn(await this.#image.small(), rotation));
    const degrees = measureSkew(small);
    if (degrees === null || Math.abs(degrees) < skewDegreesMin) return best;
    const pixels = await turn(await this.#image.pixels(), rotation);
    const straight = await straighten(pixels, degrees);
    return better(best, await this.#read(straight, 1, turningBack(degrees, straight, pixels)));
  }

  /** Makes small letters larger, takes specks and grain away. */
  async cleaned(best: Reading, rotation: QuarterTurn): Promise<Reading> {
    const pixels = await toGrey(await turn(await this.#image.pixels(), rotation));
    let reading = best;
    for (const { factor, clean } of treatments(pixels, best)) {
      if (isGood(reading)) break;
      const treated = await clean(pixels);
      reading = better(reading, await this.#read(treated, factor, shrinking(factor)));
    }
    return reading;
  }

  /** `factor`: how much larger the pixels are than those of the page. */
  async #read(pixels: Pixels, factor = 1, back?: (box: Box) => Box): Promise<Reading> {
    const lines = await this.#reader.engine.recognize(await this.#write(pixels, factor), this.#request);
    return readingOf(back === undefined ? lines : mapLines(lines, back));
  }

  async #write(pixels: Pixels, factor = 1): Promise<OcrPicture> {
    this.#reader.signal.throwIfAborted();
    const path = join(this.#reader.folder, 'page.pnm');
    await writePnm(path, pixels);
    const { dpi } = this.#image;
    return { path, dpi: dpi === null ? null : dpi * factor };
  }
}

interface Treatment {
  readonly factor: number;
  readonly clean: (pixels: Pixels) => Promise<Pixels>;
}

function treatments(pixels: Pixels, { lines }: Reading): Treatment[] {
  const heights = lines.map(({ box: [, , , height] }) => height).toSorted((a, b) => a - b);
  const median = heights[heights.length >> 1] ?? 0;
  const isSmall = median < lineHeightMin && pixels.width * pixels.height * 4 <= enlargedPixelsMax;
  return [
    ...(isSmall ? [{ factor: 2, clean: (given: Pixels) => enlarge(given, 2) }] : []),
    { factor: 1, clean: withoutSpecks },
    { factor: 1, clean: withoutGrain },
  ];
}

