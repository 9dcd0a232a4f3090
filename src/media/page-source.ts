import type { ReadLine } from './ocr-engine.ts';
import type { PageImage } from './page-image.ts';

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
