import { readFile } from 'node:fs/promises';
import { compiledUrl } from '../../core/compiled-url.ts';
import type { DropInRoute } from '../../http/drop-in.ts';

const css = 'text/css; charset=utf-8';

/** What the pages load: the colours of our page, their own shapes, and their script. */
const files = [
  { name: 'theme.css', mediaType: css, file: new URL('../../ui/theme.css', import.meta.url) },
  { name: 'page.css', mediaType: css, file: new URL('./page.css', import.meta.url) },
  { name: 'page.js', mediaType: 'text/javascript; charset=utf-8', file: compiledUrl('./page-script.ts', import.meta.url) },
];

export const staticFiles: readonly DropInRoute[] = files.map(({ name, mediaType, file }) => ({
  method: 'GET',
  path: `/static/classification/${name}`,
  handle: async () => ({ status: 200, headers: { 'content-type': mediaType }, body: await readFile(file) }),
}));
