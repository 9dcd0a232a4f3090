import { join } from 'node:path';
import { evenOut, measureLight } from './light.ts';
import {
  engineSideMax,
  type Layout,
  type OcrEngine,
  type OcrPicture,
  type OcrRequest,
  type QuarterTurn,
  type ReadLine,
  UnreadablePicture,
} from './ocr-engine.ts';
import type { PageImage } from './page-image.ts';
import { enlarge, straighten, toGrey, turn, withoutGrain, withoutSpecks } from './page-pixels.ts';
import { plainFills } from './plain-fills.ts';
import { writePnm } from './pnm.ts';
import { isLying, mapLines, type Reading, readingOf, shrinking, turningBack, within, worth } from './reading.ts';
import type { Pixels } from './sharp.ts';
import { shrunkTo } from './shrunk-to.ts';
import { measureSkew } from './skew.ts';

/** From here on a page is taken as it was read first. */
const goodConfidence = 0.86;
/** Below this a page may be the wrong way up: upside down, letters give nonsense of about 0.4. */
const uprightConfidence = 0.65;
/** A page is straightened before it is read from so many degrees on; less only where it was read badly. */
const skewDegreesClear = 1.5;
const skewDegreesMin = 0.3;
/** How far the angle must stand out: noise makes up to 1.4. */
const skewStrengthMin = 2;
const tiltStrengthMin = 1.6;
/** Letters lower than this are enlarged; higher ones gain nothing. */
const lineHeightMin = 26;
/** Lines as low as at 150 dpi: even where they read well, they read better enlarged. */
const lineHeightTiny = 20;
const enlargedPixelsMax = 20_000_000;
/** Another reading must be this much better to be taken: below, it is chance. */
const gainMin = 1.03;
/** Which way up a page is can be told from a smaller one. */
const turnSideMax = 1_600;
/** Ink differs from paper: less spread than this is an empty page. */
const blankDeviation = 2;
/** Channels that differ by more than this show a colour. */
const colourMin = 3;

export interface PageReader {
  readonly engine: OcrEngine;
  readonly languages: readonly string[];
  /** For pictures on their way to the engine. */
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly rotate: boolean;
  readonly deskew: boolean;
}

/** How a page is turned to be read: by quarters, then by the few degrees that make it straight, both clockwise. */
interface Pose {
  readonly degrees: number;
  readonly rotation: QuarterTurn;
}

/** A reading with its boxes in pixels of the page that was turned by quarters, but not straightened. */
export interface ReadPage extends Reading, Pose {
  readonly width: number;
  readonly height: number;
}

/**
 * Reads a page as it is, and only where that goes badly, or where the page can be seen to lie askew or in shadow, or to be written on
 * in light letters, does more: turns it, straightens it, evens out its light, enlarges and cleans it. The best reading is kept. So a page without faults costs no
 * more than with the bare engine, but for letters so small that they are read a second time, enlarged.
 */
export async function readPage(image: PageImage, reader: PageReader): Promise<ReadPage> {
  const small = await toGrey(await image.small());
  const light = measureLight(small);
  if (light === null) {
    const { image: plain, areas } = await plainFills(image, small);
    return readLit(plain, areas.length === 0 ? small : await toGrey(await plain.small()), reader);
  }
  const lit = evenOut(small, light);
  const evened = {
    ...image,
    file: null,
    colourless: null,
    pixels: async () => evenOut(await image.pixels(), light),
    small: async () => lit,
  };
  const plain = await new PageAttempts(image, small, reader).asItIs();
  const even = await new PageAttempts(evened, lit, reader).best();
  return better(plain, even);
}

async function readLit(image: PageImage, small: Pixels, reader: PageReader): Promise<ReadPage> {
  const known = isColourless(await image.small()) ? image : { ...image, colourless: null };
  return new PageAttempts(known, small, reader).best();
}

function isGood({ lines, confidence }: Reading): boolean {
  return (confidence ?? 0) >= goodConfidence && !isLying(lines);
}

function mayBeTurned({ lines, confidence }: Reading): boolean {
  return (confidence ?? 0) < uprightConfidence || isLying(lines);
}

/** Whether one channel says all: what JPEG leaves of colour in a grey scan is less than this. */
function isColourless({ data, channels }: Pixels): boolean {
  for (let at = 0; channels === 3 && at < data.length; at += 3) {
    const green = data[at + 1] ?? 0;
    if (Math.abs((data[at] ?? 0) - green) > colourMin || Math.abs((data[at + 2] ?? 0) - green) > colourMin) return false;
  }
  return true;
}

function isBlank({ data }: Pixels): boolean {
  let sum = 0;
  let squares = 0;
  for (const value of data) {
    sum += value;
    squares += value * value;
  }
  const mean = sum / data.length;
  return Math.sqrt(Math.max(0, squares / data.length - mean * mean)) < blankDeviation;
}

function better<T extends Reading>(old: T, fresh: T): T {
  if (old.lines.length === 0) return fresh;
  return worth(fresh) > Math.max(worth(old), 0) * gainMin ? fresh : old;
}

class PageAttempts {
  readonly #image: PageImage;
  readonly #small: Pixels;
  readonly #reader: PageReader;
  /** Null once the engine was found not to take it. */
  #file: OcrPicture | null;

  constructor(image: PageImage, small: Pixels, reader: PageReader) {
    this.#image = image;
    this.#small = small;
    this.#reader = reader;
    this.#file = image.file;
  }

  /** Whatever it takes. */
  async best(): Promise<ReadPage> {
    const skew = this.#reader.deskew ? measureSkew(this.#small) : null;
    const isAskew = skew !== null && skew.strength >= skewStrengthMin && Math.abs(skew.degrees) >= skewDegreesClear;
    const first = await this.#upright(isAskew ? skew.degrees : 0);
    if (isGood(first)) return isTiny(first) ? this.#treated(first, [enlarged]) : first;
    if (first.confidence === null && isBlank(this.#small)) return first;
    const isTilted = skew !== null && skew.strength >= tiltStrengthMin && Math.abs(skew.degrees) >= skewDegreesMin;
    const best = isTilted ? better(first, await this.#upright(isAskew ? 0 : skew.degrees)) : first;
    return isGood(best) ? best : this.#treated(best);
  }

  /** The file itself; where the engine does not take it, its pixels. */
  async asItIs(): Promise<ReadPage> {
    const pose = { degrees: 0, rotation: 0 } as const;
    if (this.#image.colourless !== null) return this.#page(await this.#recognize(await this.#image.colourless(), 1), pose);
    if (this.#file !== null) {
      try {
        return this.#page(await this.#reader.engine.recognize(this.#file, this.#request), pose);
      } catch (error) {
        if (!(error instanceof UnreadablePicture)) throw error;
        this.#file = null;
      }
    }
    return this.#read(pose);
  }

  /** Straightened by so many degrees, and turned where it seems to be the wrong way up. */
  async #upright(degrees: number): Promise<ReadPage> {
    const first = degrees === 0 ? await this.asItIs() : await this.#read({ degrees, rotation: 0 });
    if (!this.#reader.rotate || !mayBeTurned(first) || isBlank(this.#small)) return first;
    const told = await this.#told(first);
    const best = told === null || told === 0 ? first : better(first, await this.#read({ degrees, rotation: told }));
    // Believed where it says that nothing is to be done, or where doing it helped.
    if (best !== first || (told === 0 && !isLying(first.lines))) return best;
    const rotation = await this.#tried(first);
    return rotation === 0 ? first : better(first, await this.#read({ degrees, rotation }));
  }

  /** The way up that the engine tells. */
  async #told({ degrees }: Pose): Promise<QuarterTurn | null> {
    const file = degrees === 0 ? this.#file : null;
    const picture = file ?? (await this.#write(await this.#posed({ degrees, rotation: 0 }), 1));
    return this.#reader.engine.orientation(picture, this.#reader.signal);
  }

  /** The way up that reads best, tried on a smaller page. */
  async #tried(first: ReadPage): Promise<QuarterTurn> {
    const posed = await this.#posed({ degrees: first.degrees, rotation: 0 });
    const { pixels: scaled, factor } = await shrunkTo(posed, turnSideMax);
    let best: { rotation: QuarterTurn; worth: number } = { rotation: 0, worth: Math.max(worth(first), 0) * gainMin };
    for (const rotation of [180, 90, 270] as const) {
      const reading = readingOf(await this.#recognize(await turn(scaled, rotation), factor));
      if (worth(reading) > best.worth) best = { rotation, worth: worth(reading) };
    }
    return best.rotation;
  }

  /** With small letters enlarged, specks and grain taken away: the first that reads well, or the best. */
  async #treated(untreated: ReadPage, chosen?: readonly Treatment[]): Promise<ReadPage> {
    // Where nothing was read, what was found out about the pose is worth nothing, too.
    const pose: Pose = worth(untreated) > 0 ? untreated : { degrees: 0, rotation: 0 };
    const pixels = await toGrey(await this.#posed(pose));
    let best = untreated;
    for (const { factor, clean, layout } of chosen ?? treatments(pixels, untreated)) {
      const lines = await this.#recognize(await clean(pixels), factor, layout);
      best = better(best, this.#page(mapLines(lines, shrinking(factor)), pose, pixels));
      if (isGood(best)) break;
    }
    return best;
  }

  async #read(pose: Pose): Promise<ReadPage> {
    const pixels = await this.#posed(pose);
    return this.#page(await this.#recognize(pixels, 1), pose, pixels);
  }

  async #posed({ degrees, rotation }: Pose): Promise<Pixels> {
    const pixels = await turn(await this.#image.pixels(), rotation);
    return degrees === 0 ? pixels : straighten(pixels, degrees);
  }

  /** `posed`: what was read, with the boxes of the lines in its pixels. */
  #page(lines: readonly ReadLine[], { degrees, rotation }: Pose, posed?: Pixels): ReadPage {
    const { width, height } = this.#image;
    const size = rotation % 180 === 0 ? { width, height } : { width: height, height: width };
    const level = degrees === 0 || posed === undefined ? lines : mapLines(lines, turningBack(degrees, posed, size));
    return { ...readingOf(mapLines(level, within(size))), degrees, rotation, ...size };
  }

  async #recognize(pixels: Pixels, factor: number, layout: Layout = 'page'): Promise<ReadLine[]> {
    return this.#reader.engine.recognize(await this.#write(pixels, factor), { ...this.#request, layout });
  }

  /** `factor`: how much larger the pixels are than those of the page. */
  async #write(pixels: Pixels, factor: number): Promise<OcrPicture> {
    this.#reader.signal.throwIfAborted();
    const path = join(this.#reader.folder, 'page.pnm');
    await writePnm(path, pixels);
    const { dpi } = this.#image;
    return { path, dpi: dpi === null ? null : dpi * factor };
  }

  get #request(): OcrRequest {
    return { languages: this.#reader.languages, signal: this.#reader.signal };
  }
}

interface Treatment {
  readonly factor: number;
  readonly clean: (pixels: Pixels) => Promise<Pixels>;
  readonly layout?: Layout;
}

const enlarged: Treatment = { factor: 2, clean: (given) => enlarge(given, 2) };

/** The median, in pixels; 0 without lines. */
function lineHeight({ lines }: Reading): number {
  const heights = lines.map(({ box: [, , , height] }) => height).toSorted((a, b) => a - b);
  return heights[heights.length >> 1] ?? 0;
}

function isTiny(page: ReadPage): boolean {
  return page.lines.length > 0 && lineHeight(page) < lineHeightTiny && isEnlargeable(page);
}

function isEnlargeable({ width, height }: { width: number; height: number }): boolean {
  return width * height * 4 <= enlargedPixelsMax && Math.max(width, height) * 2 <= engineSideMax;
}

function treatments(pixels: Pixels, reading: Reading): Treatment[] {
  const isSmall = lineHeight(reading) < lineHeightMin;
  const isLarge = !isEnlargeable(pixels);
  const smooth = { factor: 2, clean: async (given: Pixels) => enlarge(await withoutGrain(given), 2) };
  return [
    ...(isSmall && !isLarge ? [enlarged] : []),
    { factor: 1, clean: withoutSpecks },
    { factor: 1, clean: async (given) => given, layout: 'block' },
    isLarge ? { factor: 1, clean: withoutGrain } : smooth,
  ];
}
