/** What a service needs of an engine that reads text from pictures, whichever it is. Only for executors. */

/** Left, top, width and height in pixels, from the top left corner. */
export type Box = readonly [x: number, y: number, width: number, height: number];

export interface ReadWord {
  readonly text: string;
  /** 0 to 1; null for text that needed no recognition. */
  readonly confidence: number | null;
  readonly box: Box;
}

export interface ReadLine {
  /** Numbers of the block and of the paragraph in it that the line belongs to, in reading order. */
  readonly block: number;
  readonly paragraph: number;
  readonly box: Box;
  readonly words: readonly ReadWord[];
}

/** A picture as a file of a kind that the engine reads: the original, or pixels written by `writePnm`. */
export interface OcrPicture {
  readonly path: string;
  /** Null where it is not known: the engine then guesses. */
  readonly dpi: number | null;
}

/** `block` takes the page for one block of lines: it finds text where noise hides the layout of the page. `sparse` looks for single words all over it. */
export type Layout = 'page' | 'block' | 'sparse';

export interface OcrRequest {
  /** Codes of Tesseract (`eng`, `chi_sim`), all of them installed. */
  readonly languages: readonly string[];
  /** Aborting ends the engine at once. */
  readonly signal: AbortSignal;
  readonly layout?: Layout;
}

export interface OcrEngine {
  /** The lines in reading order. Throws `UnreadablePicture` where the engine does not take the file. */
  recognize(picture: OcrPicture, request: OcrRequest): Promise<ReadLine[]>;
  /** By how many degrees, clockwise, the picture is to be turned to stand upright; null where that cannot be told. */
  orientation(picture: OcrPicture, signal: AbortSignal): Promise<QuarterTurn | null>;
}

export type QuarterTurn = 0 | 90 | 180 | 270;

/** No engine takes a picture that is wider or higher. */
export const engineSideMax = 32_767;

/** The program that reads died of a picture. */
export class EngineDied extends Error {
  constructor(says: string) {
    super(says);
    this.name = 'EngineDied';
  }
}

/** The engine has no decoder for this file, or finds it broken. */
export class UnreadablePicture extends Error {
  constructor(says: string) {
    super(says);
    this.name = 'UnreadablePicture';
  }
}

/** Below this an orientation is a guess: both engines give the same figure. */
export const orientationConfidenceMin = 3;

export function isQuarterTurn(degrees: number): degrees is QuarterTurn {
  return degrees === 0 || degrees === 90 || degrees === 180 || degrees === 270;
}
