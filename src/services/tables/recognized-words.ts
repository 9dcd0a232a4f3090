import type { ReadLine, ReadWord } from '../../media/ocr-engine.ts';
import { median } from './frame.ts';
import { ascent, descent, type Word } from './words.ts';

/** Drawn lines are taken for these. */
const lineSigns = /^[|¦_[\]{}—]+$/;

/** How far letters reach above and below their base line, in sizes: most, those that are low, and those that go below it. */
const [high, low, below] = [0.72, 0.53, 0.21];
const isLow = /^[acemnorsuvwxzgpqy.,:;\-–—_~+=<>«»]+$/;
const goesBelow = /[gjpqy,;()[\]{}|$§]/;
/** How much larger or smaller than the usual line one may be: what differs by more was misread. */
const sizeTimes = 2;

/**
 * Words with the size and base line that the shapes of their letters tell: those of a line stand on one, and the rows of a table are told by it. `scale`:
 * points to a pixel.
 */
export function recognizedWords(lines: readonly ReadLine[], scale: number): Word[] {
  const read = lines
    .map(({ words }) => words.filter(({ text }) => !lineSigns.test(text)))
    .filter((words) => words.length > 0)
    .map((words) => ({ words, size: median(words.map(sizeOf)) }));
  const usual = median(read.map(({ size }) => size));
  return read.flatMap(({ words, size: own }) => {
    const size = Math.max(usual / sizeTimes, Math.min(own, usual * sizeTimes));
    const baseline = median(words.map((word) => baselineOf(word, size)));
    return words.map((word) => placed(word, baseline * scale, size * scale, scale));
  });
}

function placed({ text, confidence, box: [x, , width] }: ReadWord, baseline: number, size: number, scale: number): Word {
  return {
    text,
    confidence,
    left: x * scale,
    right: (x + width) * scale,
    top: baseline - ascent * size,
    bottom: baseline + descent * size,
    baseline,
    size,
    isTurned: false,
  };
}

function sizeOf({ text, box: [, , , height] }: ReadWord): number {
  return height / ((isLow.test(text) ? low : high) + (goesBelow.test(text) ? below : 0));
}

function baselineOf({ text, box: [, y, , height] }: ReadWord, size: number): number {
  return y + height - (goesBelow.test(text) ? below * size : 0);
}
