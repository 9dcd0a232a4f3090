import type { Box, ReadLine, ReadWord } from './ocr-engine.ts';

/** What one attempt at reading a page gave, and how good it seems. */
export interface Reading {
  readonly lines: readonly ReadLine[];
  /** Mean confidence of the words by length; null without words. */
  readonly confidence: number | null;
}

export function readingOf(lines: readonly ReadLine[]): Reading {
  return { lines, confidence: meanConfidence(lines.flatMap(({ words }) => words)) };
}

/** Weighted by the number of characters; null where no word has a confidence. */
export function meanConfidence(words: readonly ReadWord[]): number | null {
  let sum = 0;
  let chars = 0;
  for (const { text, confidence } of words) {
    if (confidence === null) continue;
    sum += confidence * text.length;
    chars += text.length;
  }
  return chars === 0 ? null : Math.round((sum / chars) * 1e4) / 1e4;
}

/** How much more text seems right than wrong: for comparing readings of one page. */
export function worth({ lines, confidence }: Reading): number {
  if (confidence === null) return 0;
  const chars = lines.reduce((sum, { words }) => sum + words.reduce((of, { text }) => of + text.length, 0), 0);
  const worth = chars * (confidence - 0.5);
  return isLying(lines) ? worth / 2 : worth;
}

/** Whether words stand higher than wide: the engine reads lines that run up or down a page that lies on its side. */
export function isLying(lines: readonly ReadLine[]): boolean {
  const long = lines.flatMap(({ words }) => words).filter(({ text }) => text.length > 2);
  const high = long.filter(({ box: [, , width, height] }) => height > width);
  return high.length * 2 > long.length;
}

/** The same lines in other coordinates. */
export function mapLines(lines: readonly ReadLine[], move: (box: Box) => Box): ReadLine[] {
  return lines.map((line) => ({
    ...line,
    box: move(line.box),
    words: line.words.map((word) => ({ ...word, box: move(word.box) })),
  }));
}

/** From a picture that was enlarged by `factor` to the picture itself. */
export function shrinking(factor: number): (box: Box) => Box {
  return ([x, y, width, height]) => [x / factor, y / factor, width / factor, height / factor];
}

/** From a picture that was turned clockwise by `degrees` about its middle, and grew by it, to the picture itself. */
export function turningBack(
  degrees: number,
  turned: { width: number; height: number },
  picture: { width: number; height: number },
): (box: Box) => Box {
  const radians = (degrees * Math.PI) / 180;
  const cos = Math.cos(radians);
  const sin = Math.sin(radians);
  return ([x, y, width, height]) => {
    const corners = [x, x + width].flatMap((cornerX) => [y, y + height].map((cornerY) => [cornerX, cornerY] as const));
    const places = corners.map(([cornerX, cornerY]) => {
      const fromX = cornerX - turned.width / 2;
      const fromY = cornerY - turned.height / 2;
      return [fromX * cos + fromY * sin + picture.width / 2, fromY * cos - fromX * sin + picture.height / 2] as const;
    });
    const left = Math.min(...places.map(([placeX]) => placeX));
    const top = Math.min(...places.map(([, placeY]) => placeY));
    const right = Math.max(...places.map(([placeX]) => placeX));
    const bottom = Math.max(...places.map(([, placeY]) => placeY));
    return [left, top, right - left, bottom - top];
  };
}

/** Whole pixels inside the page. */
export function within({ width, height }: { width: number; height: number }): (box: Box) => Box {
  const clamp = (value: number, most: number) => Math.min(Math.max(Math.round(value), 0), most);
  return ([x, y, boxWidth, boxHeight]) => {
    const left = clamp(x, width);
    const top = clamp(y, height);
    return [left, top, clamp(x + boxWidth, width) - left, clamp(y + boxHeight, height) - top];
  };
}
