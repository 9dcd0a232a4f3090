import type { ReadLine } from '../../media/ocr-engine.ts';
import { median } from './frame.ts';
import { ascent, descent, type Word } from './words.ts';

/** Drawn lines are taken for these. */
const lineSigns = /^[|¦_[\]{}—]+$/;

/** Lines are as high as their letters reach: of those without high or low letters, the usual height tells more. `scale`: points to a pixel. */
export function recognizedWords(lines: readonly ReadLine[], scale: number): Word[] {
  const usual = median(lines.map(({ box: [, , , height] }) => height)) * scale;
  return lines.flatMap(({ box: [, y, , height], words }) => {
    const size = Math.max(0.75 * usual, Math.min(height * scale, 1.5 * usual)) / (ascent + descent);
    const baseline = (y + height) * scale - descent * size;
    return words
      .filter(({ text }) => !lineSigns.test(text))
      .map(
        ({ text, confidence, box: [left, , width] }): Word => ({
          text,
          confidence,
          left: left * scale,
          right: (left + width) * scale,
          top: baseline - ascent * size,
          bottom: baseline + descent * size,
          baseline,
          size,
          isTurned: false,
        }),
      );
  });
}
