import type { PageImage } from '../../media/page-image.ts';
import { turn } from '../../media/page-pixels.ts';
import { readPage } from '../../media/read-page.ts';
import { withRest } from '../../media/read-rest.ts';
import { levelled } from './levelled.ts';
import { type PageReader, type ReadContent, refuseMany } from './page-content.ts';
import { nothingDrawn, pictureDrawing } from './picture-drawing.ts';
import { recognizedWords } from './recognized-words.ts';

/** What is on a page that is a picture. `scale`: points to a pixel. */
export async function recognizedContent(given: PageImage, reader: PageReader, scale: number): Promise<ReadContent> {
  const { image: level, degrees } = reader.forTables ? await levelled(given) : { image: given, degrees: 0 };
  const { image, drawing } = reader.forTables ? await pictureDrawing(level, scale) : { image: level, drawing: nothingDrawn };
  const read = await readPage(image, { ...reader, rotate: true, deskew: degrees === 0 });
  const isWhole = !reader.forTables || read.degrees !== 0;
  const lines = isWhole ? read.lines : await withRest(read.lines, await turn(await image.pixels(), read.rotation), reader);
  const words = recognizedWords(lines, scale);
  refuseMany(words);
  return {
    words,
    drawing,
    turn: read.rotation,
    width: image.width * scale,
    height: image.height * scale,
    lean: degrees,
    isRecognized: true,
  };
}
