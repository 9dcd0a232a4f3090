import { ServiceError } from '../../core/errors.ts';
import type { ReadLine } from '../../media/ocr-engine.ts';
import type { TaskInput } from '../../ports/service.ts';
import { openBitmapSource } from './bitmap-source.ts';
import type { PageImage } from './page-image.ts';
import { openPdfSource } from './pdf-source.ts';
import { openPictureSource } from './picture-source.ts';

/** Whatever was handed in, as pages. */
export interface Source {
  readonly pageCount: number;
  readonly isPdf: boolean;
  /** The first page is 0. Only one page is open at a time. */
  page(index: number): Promise<SourcePage>;
  close(): void;
}

export interface SourcePage {
  /** The text that the page has without being read; null where there is none. */
  ownText(): OwnText | null;
  image(): Promise<PageImage>;
  close(): void;
}

export interface OwnText {
  readonly text: string;
  readonly lines: readonly ReadLine[];
  /** In pixels, as if the page had been read from a picture. */
  readonly width: number;
  readonly height: number;
}

export function openSource(input: TaskInput, options: { lenient: boolean }): Promise<Source> {
  if (input.mediaType === 'application/pdf') return openPdfSource(input);
  if (input.mediaType === 'image/bmp') return openBitmapSource(input);
  if (input.mediaType.startsWith('image/')) return openPictureSource(input, options);
  throw new ServiceError('unsupported-media-type', `Text cannot be read from ${input.mediaType}. Hand in a picture or a PDF.`);
}
