import { ServiceError } from '../../core/errors.ts';
import type { OcrEngine } from '../../media/ocr-engine.ts';
import type { PageContent } from './find-tables.ts';
import type { Word } from './words.ts';

export interface PageReader {
  readonly engine: OcrEngine;
  readonly languages: readonly string[];
  readonly folder: string;
  readonly signal: AbortSignal;
  /** Whether tables are looked for; else the text alone is wanted, which is quicker. */
  readonly forTables: boolean;
}

/** What is on a page: the text that it has, or what is read from its picture, and what is drawn. */
export interface ReadContent extends PageContent {
  readonly isRecognized: boolean;
  /** Degrees by which its picture was turned clockwise, beside `turn`, so that its lines lie level. */
  readonly lean: number;
}

/** More than any page that is a page; more would take long to compare. */
const wordsMax = 60_000;

export function refuseMany({ length }: readonly Word[]): void {
  if (length <= wordsMax) return;
  throw new ServiceError('media-limits-exceeded', `A page has ${length} words; the limit is ${wordsMax}. Split it.`);
}
