import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { compiledUrl } from '../../core/compiled-url.ts';

/** The page runs its own scripts, shows pictures of its own, and asks nobody but this server. */
const policy = [
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; font-src 'self'; connect-src 'self'",
  "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
].join('; ');

/** Addresses within the page: the browser's own reload and shared links come here; the page says which lead nowhere. */
const places = ['/', '/jobs', '/jobs/*', '/taps', '/operations'];
const yearMs = 31_536_000_000;
const config = { produces: [] };

/** The web page: one document for all of its addresses, and what it loads, whose names change with their content. */
export function pageRoutes(): (app: FastifyInstance) => Promise<void> {
  const root = dirname(fileURLToPath(compiledUrl('../../web/index.html', import.meta.url)));
  return async (app) => {
    await app.register(async (page) => {
      page.addHook('onRoute', (route) => {
        route.config = { ...route.config, ...config };
        route.schema = { ...route.schema, hide: true };
      });
      // Each file is a route of its own: anything else gets the answer that every unknown path gets.
      await page.register(fastifyStatic, {
        root: join(root, 'assets'),
        prefix: '/assets/',
        wildcard: false,
        preCompressed: true,
        immutable: true,
        maxAge: yearMs,
        setHeaders: (reply) => void reply.setHeader('vary', 'accept-encoding'),
      });
      for (const place of places) {
        page.get(place, (_request, reply) =>
          reply
            .header('content-security-policy', policy)
            .header('referrer-policy', 'same-origin')
            .header('vary', 'accept-encoding')
            .sendFile('index.html', root, { immutable: false, maxAge: 0 }),
        );
      }
    });
  };
}
