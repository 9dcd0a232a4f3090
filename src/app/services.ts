import { join } from 'node:path';
import type { Service } from '../ports/service.ts';
import { openClassifications } from '../services/classifications/classifications.ts';
import { openOcr } from '../services/ocr/ocr.ts';
import { openTables } from '../services/tables/tables.ts';
import { thumbnails } from '../services/thumbnails/thumbnails.ts';
import type { Settings } from './settings.ts';

/** What can be installed, by name. */
export const serviceNames: readonly string[] = ['thumbnails', 'ocr', 'tables', 'classifications'];

/** What is installed. A service is added by its line here; those that need something of the machine look for it now. */
export async function openServices({ ocrEngine, data }: Pick<Settings, 'ocrEngine' | 'data'>): Promise<readonly Service[]> {
  return [thumbnails, await openOcr(ocrEngine), await openTables(ocrEngine), await openClassifications(modelsFolder(data))];
}

/** Where the models lie that the operator has added. */
export function modelsFolder(data: string): string {
  return join(data, 'models');
}
