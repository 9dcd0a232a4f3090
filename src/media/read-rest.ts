import { join } from 'node:path';
import { inkOf } from './ink.ts';
import { type InkPiece, inkPieces } from './ink-pieces.ts';
import type { Box, OcrEngine, ReadLine, ReadWord } from './ocr-engine.ts';
import { toGrey } from './page-pixels.ts';
import { writePnm } from './pnm.ts';
import { mapLines } from './reading.ts';
import type { Pixels } from './sharp.ts';

// Engines lay a page out before they read it, and leave out what fits no layout: often columns of a table.

/** Below this a word may be wrong: it is read again. */
const sureMin = 0.7;
/** What was not found as text at first is text where it is read so well. */
const foundMin = 0.75;
/** In heights of usual words: letters are not lower or higher, and as many as touch are not wider. */
const heightMin = 0.4;
const heightMax = 2;
const widthMax = 8;
/** In heights, around each piece: the dots and commas beside it. */
const margin = 0.35;
/** More pieces are a picture. */
const piecesMax = 6_000;
/** In pixels, beyond the box of a word that was read. */
const rim = 2;
/** Words lie in one place where they share so much of the smaller one. */
const sharedMin = 0.4;

export interface RestReader {
  readonly engine: OcrEngine;
  readonly languages: readonly string[];
  /** For pictures on their way to the engine. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** The lines of a page and what was left out of them: ink in the size of letters that no word covers, and words that were read badly, are read again, by themselves. `pixels`: the page in which the lines lie. */
export async function withRest(lines: readonly ReadLine[], pixels: Pixels, reader: RestReader): Promise<readonly ReadLine[]> {
  const words = lines.flatMap((line) => line.words);
  if (words.length === 0) return lines;
  const grey = await toGrey(pixels);
  const usual = usualHeight(words);
  const pieces = unreadPieces(grey, words.filter(isSure), usual);
  if (pieces.length === 0 || pieces.length >= piecesMax) return lines;
  const { picture, x, y } = only(grey, pieces, Math.ceil(margin * usual));
  const path = join(reader.folder, 'rest.pnm');
  await writePnm(path, picture);
  const { languages, signal } = reader;
  const read = await reader.engine.recognize({ path, dpi: null }, { languages, signal, layout: 'sparse' });
  return merged(
    lines,
    mapLines(read, ([left, top, width, height]) => [left + x, top + y, width, height]),
  );
}

function isSure({ confidence }: ReadWord): boolean {
  return (confidence ?? 0) >= sureMin;
}

function usualHeight(words: readonly ReadWord[]): number {
  return words.map(({ box: [, , , height] }) => height).toSorted((a, b) => a - b)[words.length >> 1] ?? 0;
}

/** In the size of letters, where no word is. */
function unreadPieces(grey: Pixels, words: readonly ReadWord[], usual: number): InkPiece[] {
  const { width, height } = grey;
  const ink = inkOf(grey);
  for (const {
    box: [x, y, wide, high],
  } of words) {
    const [from, to] = [Math.max(0, x - rim), Math.min(width, x + wide + rim)];
    for (let row = Math.max(0, y - rim); row < Math.min(height, y + high + rim); row += 1)
      ink.fill(0, row * width + from, row * width + to);
  }
  return inkPieces(ink, width, piecesMax).filter(({ left, top, right, bottom }) => {
    const high = bottom - top;
    return high >= heightMin * usual && high <= heightMax * usual && right - left <= widthMax * usual;
  });
}

/** A picture of these pieces alone, on white, and where on the page it lies. */
function only({ data, width, height }: Pixels, pieces: readonly InkPiece[], around: number) {
  const places = pieces.map(({ left, top, right, bottom }) => ({
    left: Math.max(0, left - around),
    top: Math.max(0, top - around),
    right: Math.min(width, right + around),
    bottom: Math.min(height, bottom + around),
  }));
  const edge = 2 * around;
  const x = places.reduce((least, { left }) => Math.min(least, left), width) - edge;
  const y = places.reduce((least, { top }) => Math.min(least, top), height) - edge;
  const wide = places.reduce((most, { right }) => Math.max(most, right), 0) + edge - x;
  const high = places.reduce((most, { bottom }) => Math.max(most, bottom), 0) + edge - y;
  const white = Buffer.alloc(wide * high, 255);
  for (const place of places) {
    const paper = paperIn(data, width, place);
    for (let row = place.top; row < place.bottom; row += 1)
      for (let column = place.left; column < place.right; column += 1) {
        const value = ((data[row * width + column] ?? 0) * 255) / paper;
        white[(row - y) * wide + column - x] = Math.min(255, Math.round(value));
      }
  }
  return { picture: { data: white, width: wide, height: high, channels: 1 } satisfies Pixels, x, y };
}

/** How bright the paper is there: the mean of what is brighter than the mean. On white, grain that is darker would be taken for ink. */
function paperIn(data: Uint8Array, width: number, place: InkPiece): number {
  const mean = meanIn(data, width, place, 0);
  return Math.max(1, meanIn(data, width, place, mean));
}

function meanIn(data: Uint8Array, width: number, { left, top, right, bottom }: InkPiece, least: number): number {
  let [sum, count] = [0, 0];
  for (let row = top; row < bottom; row += 1)
    for (const value of data.subarray(row * width + left, row * width + right))
      if (value >= least) {
        sum += value;
        count += 1;
      }
  return sum / Math.max(count, 1);
}

/** Words that were read badly give way to what is in their place and was read better; what was not read at all is added. */
function merged(lines: readonly ReadLine[], fresh: readonly ReadLine[]): ReadLine[] {
  const old = lines.flatMap(({ words }) => words);
  const givingWay = new Set<ReadWord>();
  const added: ReadLine[] = [];
  const block = Math.max(0, ...lines.map((line) => line.block)) + 1;
  for (const word of fresh.flatMap(({ words }) => words)) {
    const besides = old.filter((each) => areOne(each.box, word.box));
    const least = besides.length === 0 ? foundMin : Math.max(...besides.map(({ confidence }) => confidence ?? 0));
    if ((word.confidence ?? 0) <= least || besides.some(isSure)) continue;
    for (const each of besides) givingWay.add(each);
    added.push({ block: block + added.length, paragraph: 1, box: word.box, words: [word] });
  }
  const kept = lines.map((line) => ({ ...line, words: line.words.filter((word) => !givingWay.has(word)) }));
  return [...kept.filter(({ words }) => words.length > 0), ...added];
}

function areOne([x, y, width, height]: Box, [otherX, otherY, otherWidth, otherHeight]: Box): boolean {
  const across = Math.min(x + width, otherX + otherWidth) - Math.max(x, otherX);
  const down = Math.min(y + height, otherY + otherHeight) - Math.max(y, otherY);
  if (across <= 0 || down <= 0) return false;
  return across * down >= sharedMin * Math.min(width * height, otherWidth * otherHeight);
}
