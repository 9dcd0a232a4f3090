import { ServiceError } from '../../core/errors.ts';
import { limits } from '../../core/limits.ts';
import { openPdf } from '../../media/pdf.ts';
import { openPicture, type Picture, type PictureFacts } from '../../media/sharp.ts';
import type { TaskInput } from '../../ports/service.ts';
import type { NormalOptions, Result } from './contract.ts';

/** What thumbnails are drawn from: a picture, one page of it, or a page of a PDF that is drawn like one. */
export interface Source {
  readonly picture: Picture;
  /** What the result tells of it. */
  readonly told: Result['source'];
  close(): void;
}

/** Pages are drawn at up to so many pixels a point, 288 to the inch; what is larger is enlarged from that. */
const pixelsPerPointMax = 4;

/** The longest side of what pages are drawn as, so that a page that is a long thin strip stays within what can be worked on. */
const sideMax = 60_000;

/** Throws what is wrong with the file as a `ServiceError`. */
export async function openSource(input: TaskInput, options: NormalOptions): Promise<Source> {
  if (input.mediaType === 'application/pdf') return openPage(input, options.page);
  const picture = await openPicturePage(input, options);
  const { width, height, frames, orientation } = picture.facts;
  return { picture, told: { mediaType: input.mediaType, width, height, frames, orientation }, close: () => undefined };
}

async function openPicturePage(input: TaskInput, { lenient, page }: NormalOptions): Promise<Picture> {
  const first = await openPicture(input, { lenient });
  if (page === 1) return first;
  if (input.mediaType !== 'image/tiff')
    throw new ServiceError('validation-error', '`page` is for PDFs and TIFFs; this is a picture of one page. Leave `page` out.');
  refusePage(page, first.facts.frames);
  return openPicture(input, { lenient, page: page - 1 });
}

async function openPage({ path, mediaType }: TaskInput, number: number): Promise<Source> {
  const pdf = await openPdf(path);
  try {
    refusePage(number, pdf.pageCount);
    const page = pdf.page(number - 1);
    const { width, height } = page;
    return {
      picture: {
        facts: factsOf(page),
        decode: (across, down) => page.render({ width: across, height: down }),
        write: null,
        frames() {
          throw new Error('a page of a PDF has no frames');
        },
      },
      told: { mediaType, width: points(width), height: points(height), frames: pdf.pageCount, orientation: 1 },
      close: () => pdf.close(),
    };
  } catch (error) {
    pdf.close();
    throw error;
  }
}

function refusePage(number: number, pageCount: number): void {
  if (number <= pageCount) return;
  const pages = pageCount === 1 ? 'one page' : `${pageCount} pages`;
  throw new ServiceError('validation-error', `The file has ${pages}, so it has no page ${number}. Ask for one that it has.`);
}

/** A page has no pixels of its own: it counts as what it would be at the largest scale that it is drawn at. */
function factsOf({ width, height }: { width: number; height: number }): PictureFacts {
  const scale = Math.min(pixelsPerPointMax, Math.sqrt(limits.pixelsMax / (width * height)), sideMax / Math.max(width, height));
  const pixels = (side: number) => Math.max(Math.floor(side * scale), 1);
  return { format: 'pdf', width: pixels(width), height: pixels(height), frames: 1, orientation: 1, hasAlpha: false };
}

function points(side: number): number {
  return Math.max(Math.round(side), 1);
}
