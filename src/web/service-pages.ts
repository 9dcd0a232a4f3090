import type { ServicePage } from '../ui/service-page.ts';

/** What each service brings to the page, loaded when a result of it is shown. The result of any other is shown as JSON. */
export const servicePages = new Map<string, () => Promise<ServicePage<never>>>([
  ['classifications', async () => (await import('../services/classifications/page.tsx')).page],
  ['ocr', async () => (await import('../services/ocr/page.tsx')).page],
  ['tables', async () => (await import('../services/tables/page.tsx')).page],
  ['thumbnails', async () => (await import('../services/thumbnails/page.tsx')).page],
]);
