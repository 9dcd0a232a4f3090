import type { FastifyInstance } from 'fastify';
import { json } from '../openapi-schemas.ts';

/** `/openapi.json`, and `/`, which leads to the page that shows it. */
export function docsRoutes(document: () => string): (app: FastifyInstance) => void {
  return (app) => {
    app.get('/openapi.json', { schema: openApiSchema }, async (_request, reply) =>
      reply.header('content-type', 'application/json; charset=utf-8').send(document()),
    );
    app.get('/', { config: { produces: [] }, schema: { hide: true } }, async (_request, reply) => reply.redirect('/docs/', 302));
  };
}

const openApiSchema = {
  operationId: 'openApi',
  summary: 'This description, as OpenAPI',
  tags: ['operations'],
  response: { 200: json('The document.', { type: 'object', required: ['openapi'] }) },
};
