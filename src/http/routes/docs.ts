import type { FastifyInstance } from 'fastify';
import { json } from '../openapi-schemas.ts';

/** `/openapi.json`; `/docs` shows it. */
export function docsRoutes(document: () => string): (app: FastifyInstance) => void {
  return (app) => {
    app.get('/openapi.json', { schema: openApiSchema }, async (_request, reply) =>
      reply.header('content-type', 'application/json; charset=utf-8').send(document()),
    );
  };
}

const openApiSchema = {
  operationId: 'openApi',
  summary: 'This description, as OpenAPI',
  tags: ['operations'],
  response: { 200: json('The document.', { type: 'object', required: ['openapi'] }) },
};
