import { type FilledArea, isInverse } from '../../media/filled-areas.ts';
import { once, type PageImage } from '../../media/page-image.ts';
import { toGrey } from '../../media/page-pixels.ts';
import type { PdfDrawing } from '../../media/pdf.ts';
import { type PixelLine, pixelLines, withoutLines } from '../../media/pixel-lines.ts';
import { plainFills } from '../../media/plain-fills.ts';

export const nothingDrawn: PdfDrawing = { lines: [], fills: [], pictures: [] };

/** More lines are a picture. */
const linesMax = 1_500;

/** What is drawn in a picture, and the picture to be read, which is without it: between lines, and on what is filled, cells are read badly. `scale`: points to a pixel. */
export async function pictureDrawing(given: PageImage, scale: number): Promise<{ image: PageImage; drawing: PdfDrawing }> {
  const { image, areas } = await plainFills(given, await toGrey(await given.small()));
  const lines = await pixelLines(await image.pixels());
  const fills = areas.map((area) => fillOf(area, scale));
  if (lines.length > linesMax) return { image, drawing: { ...nothingDrawn, fills } };
  const drawing = { ...nothingDrawn, fills, lines: [...lines.map((line) => lineOf(line, scale)), ...edgesOf(areas, scale)] };
  if (lines.length === 0) return { image, drawing };
  const pixels = once(async () => withoutLines(await image.pixels(), lines));
  return { image: { ...image, file: null, colourless: null, pixels }, drawing };
}

function lineOf({ isLying, at, from, to }: PixelLine, scale: number): PdfDrawing['lines'][number] {
  const [place, begin, end] = [at * scale, from * scale, to * scale];
  return isLying ? { from: [begin, place], to: [end, place] } : { from: [place, begin], to: [place, end] };
}

/** The lines around a dark area cannot be seen beside it: its edges stand for them. */
function edgesOf(areas: readonly FilledArea[], scale: number): PdfDrawing['lines'] {
  return areas.filter(isInverse).flatMap((area) => {
    const [x, y, width, height] = boxOf(area, scale);
    const [right, bottom] = [x + width, y + height];
    return [
      { from: [x, y], to: [right, y] },
      { from: [x, bottom], to: [right, bottom] },
      { from: [x, y], to: [x, bottom] },
      { from: [right, y], to: [right, bottom] },
    ] satisfies PdfDrawing['lines'];
  });
}

function fillOf(area: FilledArea, scale: number): PdfDrawing['fills'][number] {
  return { box: boxOf(area, scale), isWhite: false, colour: area.ground };
}

function boxOf({ left, right, tops, bottoms }: FilledArea, scale: number): [x: number, y: number, width: number, height: number] {
  const [top, bottom] = [(tops[0] + tops[1]) / 2, (bottoms[0] + bottoms[1]) / 2];
  return [left * scale, top * scale, (right - left) * scale, (bottom - top) * scale];
}
