import type { Service } from '../ports/service.ts';
import { openOcr } from '../services/ocr/ocr.ts';
import { openTables } from '../services/tables/tables.ts';
import { thumbnails } from '../services/thumbnails/thumbnails.ts';
import type { Settings } from './settings.ts';

/** What can be installed, by name. */
export const serviceNames: readonly string[] = ['thumbnails', 'ocr', 'tables'];

/** What is installed. A service is added by its line here; those that need something of the machine look for it now. */
export async function openServices({ ocrEngine }: Pick<Settings, 'ocrEngine'>): Promise<readonly Service[]> {
  return [thumbnails, await openOcr(ocrEngine), await openTables(ocrEngine)];
}
